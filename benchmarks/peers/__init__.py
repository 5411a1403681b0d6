"""One module per peer, each with the same face (see ``benchmarks.peer``)."""
