"""What the words mean, for readers: each note once, for every page that needs it."""

NUMBERS_NOTE = (
    "Ours is the mean of n runs ± their standard deviation; Δ is ours less the paper's, both cut to two decimals as "
    "the paper prints. “One new run” is half of the 95 % interval in which one more run of ours would fall: a print "
    "inside is consistent, and weak where the print of the plain reference would be, too. The best of the paper's and "
    "of our values is bold, the second best italic (underlined in LaTeX)."
)
GAIN_NOTE = (
    "Gains are in points of AUC. A 95 % interval holds the errors of seeds and test set; variances over seeds are "
    "moderated by those of all cells of the dataset. p is Holm-corrected over all planned comparisons of a family, "
    "their number in the next column. No difference: the interval lies within ± 0.10, the paper's own bar."
)
GAINS_NOTE = (
    f"{GAIN_NOTE} A printed gain holds where ours is shown and the paper's size is not above the "
    "interval, else it holds, smaller; it does not hold where no gain is shown and its size is above. "
    "“By luck”: one pair of runs could give the paper's gain."
)
SWEEPS_NOTE = (
    "An optimum of Figures 6 to 9 is seen where it beats every other point, each at 5 %, since all must be beaten; not "
    "seen where some point beats it, Holm-corrected over the points, since one suffices; tied where no point is better "
    "by 0.001 AUC; else open. Each dataset is judged for itself."
)
OWN_NOTE = (
    "Ours is the mean of n runs ± their standard deviation, in points of AUC; the best is bold, the second best "
    "italic. A gain is a difference of means. Its 95 % interval holds the errors of seeds and test set; variances "
    "over seeds are moderated by those of all cells of the dataset. p is Holm-corrected over all planned comparisons "
    "of a family, their number in the next column. No difference: the interval lies within ± 0.10."
)
