"""The report: one HTML file with every verdict and, behind each, its evidence."""

from workflow.analysis.report.page import render_page, write_report

__all__ = ["render_page", "write_report"]
