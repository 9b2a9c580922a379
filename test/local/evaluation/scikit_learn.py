"""What scikit-learn makes of the files of a folder: `scikit_learn.py FOLDER` prints one JSON object per case, in order.

`cases.json` lists the cases; `<name>.labels.csv` and `<name>.predictions.csv` are what a batch test compares.
"""

import json
import os
import sys
import warnings

import numpy
from sklearn import metrics

warnings.simplefilter("ignore")


def table(path):
    with open(path, encoding="utf-8") as file:
        return numpy.array([[float(cell) for cell in line.split(",")] for line in file])


def classification(labels, chosen, probabilities, classes):
    average = {"average": "binary"} if classes == 2 else {"average": "macro"}
    found = {
        "accuracy": metrics.accuracy_score(labels, chosen),
        "balancedAccuracy": metrics.balanced_accuracy_score(labels, chosen),
        "precision": metrics.precision_score(labels, chosen, **average),
        "recall": metrics.recall_score(labels, chosen, **average),
        "f1": metrics.f1_score(labels, chosen, **average),
    }
    if probabilities is None:
        return found
    every = list(range(classes))
    found["logLoss"] = metrics.log_loss(labels, probabilities, labels=every)
    if classes == 2:
        found["rocAuc"] = metrics.roc_auc_score(labels, probabilities)
    elif len(set(labels)) == classes:
        found["rocAuc"] = metrics.roc_auc_score(
            labels, probabilities, multi_class="ovr", average="macro", labels=every
        )
    return found


def judge(folder, case):
    labels = table(os.path.join(folder, case["name"] + ".labels.csv"))[:, 0]
    answers = table(os.path.join(folder, case["name"] + ".predictions.csv"))
    if case["problem"] == "regression":
        return {
            "rmse": metrics.root_mean_squared_error(labels, answers[:, 0]),
            "mae": metrics.mean_absolute_error(labels, answers[:, 0]),
            "r2": metrics.r2_score(labels, answers[:, 0]),
        }
    labels = labels.astype(int)
    if case["problem"] == "binary":
        return classification(labels, (answers[:, 0] >= case["threshold"]).astype(int), answers[:, 0], 2)
    if answers.shape[1] == 1:
        return classification(labels, answers[:, 0].astype(int), None, case["classes"])
    return classification(labels, numpy.argmax(answers, axis=1), answers, answers.shape[1])


def main(folder):
    with open(os.path.join(folder, "cases.json"), encoding="utf-8") as file:
        cases = json.load(file)
    for case in cases:
        print(json.dumps({name: float(value) for name, value in judge(folder, case).items()}))


if __name__ == "__main__":
    main(sys.argv[1])
