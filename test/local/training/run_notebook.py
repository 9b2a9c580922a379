"""Runs the code cells of a notebook from top to bottom: `run_notebook.py NOTEBOOK`. The last one that fails says which it was."""

import json
import sys
import traceback

with open(sys.argv[1], encoding="utf-8") as file:
    cells = [cell for cell in json.load(file)["cells"] if cell["cell_type"] == "code"]
names = {"__name__": "__main__"}
for number, cell in enumerate(cells, 1):
    source = "".join(cell["source"])
    try:
        exec(compile(source, f"cell {number}", "exec"), names)
    except BaseException:
        traceback.print_exc()
        sys.exit(f"cell {number} of {len(cells)} failed:\n{source}")
print(f"{len(cells)} cells ran")
