from __future__ import annotations

import signal
import threading
from contextlib import suppress

from services.store.turns import Turns


def wait_for(turns: Turns, count: int) -> None:
    pause = threading.Event()
    while turns.waiting_count != count:
        pause.wait(0.005)


def test_whoever_asked_first_gets_the_turn_first() -> None:
    turns, order = Turns(), list[int]()

    def take(number: int) -> None:
        with turns:
            order.append(number)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    with turns:
        for number, thread in enumerate(threads):
            thread.start()
            wait_for(turns, number + 1)
    for thread in threads:
        thread.join(30)
    assert order == list(range(8))


def test_one_thread_has_the_turn_at_a_time() -> None:
    turns, inside, most = Turns(), [0], [0]

    def work() -> None:
        for _ in range(200):
            with turns:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (inside, most, turns.waiting_count) == ([0], [1], 0)


def test_an_error_in_a_turn_passes_it_on() -> None:
    turns = Turns()
    for _ in range(3):
        with suppress(LookupError), turns:
            raise LookupError
    with turns:
        pass


def test_whoever_is_interrupted_while_waiting_is_not_called() -> None:
    turns, interrupted, main_thread = Turns(), threading.Event(), threading.get_ident()

    def interrupt() -> None:
        wait_for(turns, 1)
        signal.pthread_kill(main_thread, signal.SIGINT)
        assert interrupted.wait(30)
        turns.__exit__(None, None, None)

    holder = threading.Thread(target=interrupt)
    turns.__enter__()  # the turn that `interrupt` ends
    # A shell lets what it starts in the background ignore Ctrl-C, this process too.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    holder.start()
    try:
        turns.__enter__()
    except KeyboardInterrupt:
        interrupted.set()
    finally:
        signal.signal(signal.SIGINT, before)
    holder.join(30)
    assert turns.waiting_count == 0
    with turns:
        pass
