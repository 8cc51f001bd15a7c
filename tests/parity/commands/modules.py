"""asyncio and sqlite3: an event loop with a timer and a subprocess, a database with a transaction."""

import asyncio
import sqlite3
import sys


def bye(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def work() -> None:
    await asyncio.sleep(0.01)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "print(5)", stdout=asyncio.subprocess.PIPE
    )
    await child.communicate()
    server = await asyncio.start_server(bye, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    await reader.read()
    writer.close()
    server.close()


asyncio.run(work())
with sqlite3.connect("file.db") as database:
    database.execute("create table t (a integer, b text)")
    database.executemany("insert into t values (?, ?)", [(n, "x" * n) for n in range(50)])
    database.execute("select sum(a) from t").fetchall()
