"""Rooms by themselves, without a server."""

import json
import os
import subprocess
import sys

from identity import as_user

# Every half millisecond of the time that bubblewrap takes for a room, and some more.
GIVEN_UP = """
import asyncio, json, os, tempfile, time
from pathlib import Path
from mntdata_runtime.rooms.blueprint import RoomBlueprint
from mntdata_runtime.rooms.lockdown import adopt_orphans
from mntdata_runtime.rooms.room import Room

async def give_up_after(plan, delay):
    building = asyncio.create_task(Room.build(plan))
    await asyncio.sleep(delay)
    building.cancel()
    began = time.monotonic()
    try:
        room = await building
    except asyncio.CancelledError:
        return time.monotonic() - began
    await room.close()
    return 0.0

async def main():
    plan = RoomBlueprint.draw({}, ()).room_for(Path(tempfile.mkdtemp()), None)
    took = [await give_up_after(plan, step / 2000) for step in range(80)]
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
        has_left = True
    except ChildProcessError:
        has_left = False
    given_up = len([seconds for seconds in took if seconds])
    print(json.dumps({"longest": max(took), "given_up": given_up, "has_left": has_left}))

adopt_orphans()
asyncio.run(main())
"""


def test_one_that_is_given_up_while_it_is_built_leaves_nothing(as_root):
    command = [sys.executable, "-I", "-c", GIVEN_UP]
    done = subprocess.run(
        command if as_root else as_user(command),
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=True,
    )
    told = json.loads(done.stdout)
    assert told["given_up"] > 5
    assert not told["has_left"]
    assert told["longest"] < 2
