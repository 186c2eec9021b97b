"""The figures of the paper: each as PDF and PNG, with the CSV that it draws."""
