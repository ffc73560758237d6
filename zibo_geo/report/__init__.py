"""Reports of a plan: a workbook, briefs per county as pages and Word files, figures."""

from zibo_geo.report.writing import REPORT_KINDS, ReportKind, write_reports

__all__ = ["REPORT_KINDS", "ReportKind", "write_reports"]
