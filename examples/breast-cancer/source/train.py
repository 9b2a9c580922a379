"""Trains the example's model: script mode of SageMaker's scikit-learn container (1.2 and later).

Reads every CSV of the `train` channel (header, label in `target`), keeps a fifth of it to validate on, prints the
metrics in the form that MetricDefinitions look for, fits again on all of it and writes model.joblib and code/inference.py.
"""

import argparse
import csv
import glob
import os
import shutil

import joblib
import numpy
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

LABEL = "target"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=["forest", "logistic"], default="forest")
    parser.add_argument("--n-estimators", type=int, default=50, help="forest: trees")
    parser.add_argument("--max-depth", type=int, default=4, help="forest: levels of a tree")
    # The container hands a hyper-parameter of one letter over as -C.
    parser.add_argument("-C", "--C", type=float, default=1.0, help="logistic: inverse of the regularisation's strength")
    parser.add_argument("--features", type=int, default=0, help="use the first N columns only; 0 for all")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--train", default=os.environ.get("SM_CHANNEL_TRAIN"))
    parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR"))
    return parser.parse_args()


def read(folder):
    """(column names, features, labels) of every CSV in the folder; all must have the same header."""
    files = sorted(glob.glob(os.path.join(folder, "*.csv")))
    if not files:
        raise ValueError("no CSV file in the train channel (%s)" % folder)
    header, rows = None, []
    for path in files:
        with open(path, newline="", encoding="utf-8") as file:
            reader = csv.reader(file)
            names = next(reader)
            if LABEL not in names:
                raise ValueError("%s has no column %s, it has: %s" % (path, LABEL, ", ".join(names)))
            if header is not None and names != header:
                raise ValueError("%s has another header than %s" % (path, files[0]))
            header = names
            rows += list(reader)
    table = numpy.array(rows, dtype=float)
    label = header.index(LABEL)
    names = [name for name in header if name != LABEL]
    return names, numpy.delete(table, label, axis=1), table[:, label].astype(int)


def estimator(args):
    if args.model == "logistic":
        return make_pipeline(StandardScaler(), LogisticRegression(C=args.C, max_iter=1000, random_state=args.seed))
    return RandomForestClassifier(
        n_estimators=args.n_estimators, max_depth=args.max_depth, random_state=args.seed, n_jobs=1
    )


def main():
    args = arguments()
    names, features, labels = read(args.train)
    used = features[:, : args.features] if args.features else features
    fit_x, check_x, fit_y, check_y = train_test_split(
        used, labels, test_size=0.2, random_state=args.seed, stratify=labels
    )
    trial = estimator(args).fit(fit_x, fit_y)
    print("validation:accuracy=%.6f" % accuracy_score(check_y, trial.predict(check_x)))
    print("validation:roc_auc=%.6f" % roc_auc_score(check_y, trial.predict_proba(check_x)[:, 1]))
    print("train:rows=%d" % len(labels))
    model = estimator(args).fit(used, labels)
    joblib.dump({"model": model, "names": names, "used": used.shape[1]}, os.path.join(args.model_dir, "model.joblib"))
    code = os.path.join(args.model_dir, "code")
    os.makedirs(code, exist_ok=True)
    here = os.path.dirname(os.path.abspath(__file__))
    shutil.copy(os.path.join(here, "inference.py"), os.path.join(code, "inference.py"))


if __name__ == "__main__":
    main()
