"""Trains the example's runs and predicts its test part: `example_predictions.py EXAMPLE FOLDER`.

Leaves FOLDER/data (the dataset's files) and FOLDER/<run>.csv (one line a test row) for each run of runs.json.
"""

import json
import os
import subprocess
import sys


def main(example, folder):
    source = os.path.join(example, "source")
    data = os.path.join(folder, "data")
    subprocess.run([sys.executable, os.path.join(example, "dataset.py"), data], check=True, stdout=subprocess.DEVNULL)
    with open(os.path.join(example, "runs.json"), encoding="utf-8") as file:
        runs = json.load(file)
    sys.path.insert(0, source)
    import inference

    with open(os.path.join(data, "test", "features.csv"), encoding="utf-8") as file:
        rows = inference.input_fn(file.read(), "text/csv")
    for name, run in runs.items():
        model_dir = os.path.join(folder, name)
        os.makedirs(model_dir)
        # As the container does it: one letter is -X, more are --name.
        words = [
            word
            for key, value in run["hyperparameters"].items()
            for word in ("-" + key if len(key) == 1 else "--" + key, value)
        ]
        command = [sys.executable, os.path.join(source, "train.py"), "--train", os.path.join(data, "train")]
        subprocess.run(command + ["--model-dir", model_dir] + words, check=True, stdout=subprocess.DEVNULL)
        text, _ = inference.output_fn(inference.predict_fn(rows, inference.model_fn(model_dir)), "text/csv")
        with open(os.path.join(folder, name + ".csv"), "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
