#!/bin/bash
# frugal-idle-stop 1
#
# Start script of a notebook instance: every five minutes it asks Jupyter when anybody last worked, and stops the instance
# once that is IDLE_MINUTES ago. Runs as root at each start (a lifecycle configuration's OnStart, given as base64, at most
# 16,384 characters), so it must end within five minutes. Nothing is fetched from anywhere.
#
# The notebook's role needs sagemaker:StopNotebookInstance on this one instance, and in a closed network there must be a way
# to the SageMaker API. The log is /var/log/idle-stop.log.
set -euo pipefail

IDLE_MINUTES=60

cat > /usr/local/bin/idle-stop.py <<'PYTHON'
import json
import ssl
import subprocess
import sys
import urllib.request
from datetime import datetime, timezone

LIMIT = int(sys.argv[1]) * 60
JUPYTER = sys.argv[2] if len(sys.argv) > 2 else "https://localhost:8443"
METADATA = sys.argv[3] if len(sys.argv) > 3 else "/opt/ml/metadata/resource-metadata.json"
# Jupyter's certificate is its own, and it is asked on this machine only.
CONTEXT = ssl._create_unverified_context() if JUPYTER.startswith("https") else None


def ask(path):
    with urllib.request.urlopen(JUPYTER + path, timeout=20, context=CONTEXT) as answer:
        return json.load(answer)


def age(text):
    # 2026-11-23T18:00:00.123456Z
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (datetime.now(timezone.utc) - moment).total_seconds()


def up():
    with open("/proc/uptime") as file:
        return float(file.read().split()[0])


def idle_for():
    """Seconds since anybody worked; a kernel that runs is work. Never longer than the machine is up."""
    ages = [up() if METADATA.startswith("/opt") else float("inf")]
    for session in ask("/api/sessions"):
        kernel = session["kernel"]
        ages.append(age(kernel["last_activity"]) if kernel["execution_state"] == "idle" else 0)
    for terminal in ask("/api/terminals"):
        ages.append(age(terminal["last_activity"]))
    return min(ages)


idle = idle_for()
if idle < LIMIT:
    print(f"worked on {idle:.0f} s ago")
    sys.exit()
with open(METADATA) as file:
    me = json.load(file)
name = me["ResourceName"]
print(f"idle for {idle:.0f} s: stopping {name}")
command = ["aws", "sagemaker", "stop-notebook-instance", "--notebook-instance-name", name]
# cron knows no region; the notebook's ARN does.
subprocess.run([*command, "--region", me["ResourceArn"].split(":")[3]], check=True)
PYTHON

echo "*/5 * * * * root PATH=/usr/local/bin:/usr/bin:/bin python3 /usr/local/bin/idle-stop.py $IDLE_MINUTES >> /var/log/idle-stop.log 2>&1" \
  > /etc/cron.d/idle-stop
