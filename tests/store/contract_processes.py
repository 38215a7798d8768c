"""What every store promises when several processes write, and when one of them is killed."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from itertools import pairwise
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from portal.store.port import Scope, Search, Store
from tests.store.documents_made_up import a_document, a_task, add

Opening = Callable[[], Store]

_FORK = multiprocessing.get_context("fork")
KILLS = 30


def a_process(work: Callable[..., None], *arguments: object) -> BaseProcess:
    """A process that does this work, started."""
    process = _FORK.Process(target=work, args=arguments)
    process.start()
    return process


def add_and_count(opening: Opening, times: int) -> None:
    """Adds documents of its own, and one to a number that all share, each with an id of its own."""
    store = opening()
    for _ in range(times):
        with store.writing() as writing:
            shared = writing.get("TPA-2026-0001")
            writing.replace({**shared, "counted": shared["counted"] + 1}, shared["revision"])
            new = {**a_document(holdings={"uaag/Kern": 1}), "id": writing.new_id("TPA", 2026)}
            writing.add(new)
        store.append_log({"who": os.getpid()})
        kept = store.get_record("counts", "shared") or {"n": 0}
        store.put_record("counts", str(os.getpid()), {"n": kept["n"]})
    store.close()


def write_until_killed(opening: Opening, acknowledge: Connection) -> None:
    """Writes and writes, and tells of each write once it is acknowledged."""
    store = opening()
    while True:
        with store.writing() as writing:
            document = writing.get("TPA-2026-0001")
            tasks = [a_task("legal", asks="x" * random.randrange(100_000))]
            kept = writing.replace({**document, "open_tasks": tasks}, document["revision"])
            new = writing.add({**a_document(), "id": writing.new_id("TPA", 2026)})
        acknowledge.send((kept["revision"], new["id"], store.append_log({"revision": kept["revision"]})["seq"]))


class ProcessesContract:
    """Held to by every store that processes share; as `StoreContract`, with its fixtures."""

    def test_two_processes_that_write_at_once_lose_nothing(self, opening: Opening, store: Store) -> None:
        add(store, a_document(counted=0))
        processes = [a_process(add_and_count, opening, 25) for _ in range(2)]
        for process in processes:
            process.join(60)
        assert [process.exitcode for process in processes] == [0, 0]
        assert store.get("TPA-2026-0001")["counted"] == 50
        assert len(list(store.document_ids())) == store.search(Search()).total == 51
        with store.writing() as writing:
            assert writing.held("uaag/Kern") == 50
        lines = list(store.log_lines())
        assert [line["seq"] for line in lines] == list(range(1, 51))
        assert all(line["previous"] == before["hash"] for before, line in pairwise(lines))
        assert len(list(store.records("counts"))) == 2

    def test_a_kill_in_mid_write_loses_nothing_that_was_acknowledged(self, opening: Opening, store: Store) -> None:
        add(store, a_document())
        for _ in range(KILLS):
            revision, document_id, seq = killed_after_a_while(opening)
            # What a database was told before the kill it may still be doing: waited for by locking the document.
            with store.writing() as writing:
                document = writing.get("TPA-2026-0001")
                task = store.tasks([Scope("legal")], "2026-11-23").rows[0].task
            assert document["revision"] >= revision
            assert store.get(document_id)["revision"] == 1
            assert task == document["open_tasks"][0]
            assert len([line for line in store.log_lines() if line["seq"] <= seq]) == seq
        assert store.damaged() == []
        again = opening()
        every = list(again.document_ids())
        assert every == list(store.document_ids())
        assert again.search(Search()).total == store.search(Search()).total == len(every)
        assert again.append_log({})["seq"] == len(list(again.log_lines()))
        again.close()

    def test_a_writer_that_was_killed_does_not_keep_others_waiting(self, opening: Opening, store: Store) -> None:
        def hold(opening: Opening, ready: Connection) -> None:
            with opening().writing():
                ready.send("held")
                time.sleep(60)

        here, there = _FORK.Pipe(duplex=False)
        process = a_process(hold, opening, there)
        assert here.recv() == "held"
        kill(process)
        started = time.monotonic()
        add(store, a_document())
        assert time.monotonic() - started < 5


def killed_after_a_while(opening: Opening) -> tuple[int, str, int]:
    """Lets a process write, kills it at whatever it is doing, and returns the last that it acknowledged."""
    here, there = _FORK.Pipe(duplex=False)
    process = a_process(write_until_killed, opening, there)
    there.close()
    last: tuple[int, str, int] = here.recv()
    time.sleep(random.random() * 0.02)
    kill(process)
    try:
        while here.poll():
            last = here.recv()
    except EOFError:
        pass
    return last


def kill(process: BaseProcess) -> None:
    """Ends the process as a power cut would, without a word."""
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join(10)
    assert process.exitcode == -signal.SIGKILL
