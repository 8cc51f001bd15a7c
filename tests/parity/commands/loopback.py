"""A web server, and a client that fetches from it over the loopback: two processes, threads, epoll."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

Path("index.html").write_text("<h1>hello</h1>\n" * 20)
server = subprocess.Popen(
    [sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "0"],
    stdout=subprocess.PIPE,
    stderr=subprocess.DEVNULL,
    text=True,
)
assert server.stdout is not None
address = server.stdout.readline().split("(")[1].split("/)")[0]
for path in ("index.html", "absent", ""):
    try:
        with urllib.request.urlopen(f"{address}/{path}", timeout=10) as answer:
            answer.read()
    except urllib.error.HTTPError as refused:
        refused.close()
time.sleep(0.05)
server.terminate()
server.wait()
