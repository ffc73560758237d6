"""What is on the ground: schemas, units, errors, datum, readers and the embedded Zibo."""
