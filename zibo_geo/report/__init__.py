"""Reports: a workbook, briefs, figures."""
