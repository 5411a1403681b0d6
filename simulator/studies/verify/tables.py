"""What `rollout verify` says."""

from simulator.render.terminal_tables import Document, printable


def verify_lines(document: Document) -> list[str]:
    """One line of outcome, then what differs, then what else is to know."""
    run = f"run {document['key'][:12]} of {document['scenario']}"
    if document["interrupted"]:
        lines = [f"{run}: interrupted before it could be compared"]
    elif document["identical"]:
        lines = [f"{run}: identical, bit for bit"]
    else:
        lines = [f"{run}: {document['n_differences']} differences"]
        lines += [f"  {difference}" for difference in document["differences"]]
    return [printable(line) for line in lines + [f"! {note}" for note in document["notes"]]]
