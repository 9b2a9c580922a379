"""Writes the example's data: `dataset.py FOLDER`.

The breast cancer data that ships with scikit-learn (569 tumours, 30 measurements, after W. H. Wolberg, O. L. Mangasarian and
W. N. Street, 1995), split once and for all into

    train/train.csv     header, 30 measurements, `target` (1 malignant, 0 benign)
    test/features.csv   no header, no label: what a batch transform sends to the model
    test/labels.csv     no header: the label of the same row of features.csv

The split is stratified and seeded, so two runs write the same bytes.
"""

import csv
import os
import sys

from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

SEED = 20
TEST_SHARE = 0.3


def write(path, rows):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    print(path, len(rows), "lines")


def main(folder):
    data = load_breast_cancer()
    names = [name.replace(" ", "_") for name in data.feature_names]
    malignant = 1 - data.target  # scikit-learn's own coding is 0 malignant, 1 benign
    train_x, test_x, train_y, test_y = train_test_split(
        data.data, malignant, test_size=TEST_SHARE, random_state=SEED, stratify=malignant
    )
    rows = [[repr(float(value)) for value in row] + [int(label)] for row, label in zip(train_x, train_y)]
    write(os.path.join(folder, "train", "train.csv"), [names + ["target"]] + rows)
    write(os.path.join(folder, "test", "features.csv"), [[repr(float(value)) for value in row] for row in test_x])
    write(os.path.join(folder, "test", "labels.csv"), [[int(label)] for label in test_y])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: dataset.py FOLDER")
    main(sys.argv[1])
