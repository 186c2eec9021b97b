"""Printed numbers, the authors' logs and others' results, as rows of one frame."""
