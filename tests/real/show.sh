#!/usr/bin/env bash
# Requests, error ratio and P95 of each service, and the alerts that fire, read
# from Prometheus and Alertmanager through the API server. It changes nothing.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_lab
inside python3 "$HERE/metrics.py" show
