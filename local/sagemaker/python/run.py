"""Runs one command as a job's container would: `run.py COMMAND [ARG...]` in the current folder.

Standard error joins standard output, so that the log keeps its order. Exits with the command's code, or 128 + n where a signal ended it; 127 where it could not be started.
"""

import subprocess
import sys

import lifeline


def main():
    lifeline.hold()
    lifeline.survive_sigterm()
    try:
        child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    except OSError as fault:
        print("%s: %s" % (sys.argv[1], fault.strerror), flush=True)
        return 127
    return lifeline.exit_code(child.wait())


if __name__ == "__main__":
    sys.exit(main())
