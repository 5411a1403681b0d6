"""The verb `rollout profile`: step times of one's own GPUs from benchmark results."""

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.options import AsJson
from simulator.cli.shared import complain, explained, follow, show_report


def profile(
    results: Annotated[
        list[Path],
        typer.Argument(
            metavar="RESULT...",
            exists=True,
            dir_okay=False,
            show_default=False,
            help="Results of `vllm bench serve --save-result`, GuideLLM, inference-perf or AIPerf, of one set-up.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            show_default=False,
            help="Profile that is written (CSV); needed without --host.",
        ),
    ] = None,
    host: Annotated[
        bool,
        typer.Option(
            "--host",
            help="Keep the shipped step times of --model on --gpu, and fit what the engine spends beside them.",
        ),
    ] = False,
    engine_version: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION", show_default="the newest that was measured", help="With --host: of vLLM."
        ),
    ] = None,
    max_num_seqs: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", show_default="the pool's", help="With --host: sequences in one batch."
        ),
    ] = None,
    prefix: Annotated[
        int,
        typer.Option(
            min=0, metavar="N", help="With --host: tokens at the start of every prompt that the cache holds."
        ),
    ] = 0,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", show_default="from the results", help="Name of the model.")
    ] = None,
    gpu: Annotated[
        str | None, typer.Option(metavar="NAME", show_default=False, help="Name of the GPU.")
    ] = None,
    tensor_parallel: Annotated[
        int, typer.Option(min=1, metavar="N", help="GPUs that share one replica.")
    ] = 1,
    kv_tokens: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            show_default="the pool says it",
            help="Tokens in the KV cache of one replica, as the engine prints them when it starts.",
        ),
    ] = None,
    max_model_len: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            show_default="the pool says it",
            help="Longest prompt and output of a request, tokens.",
        ),
    ] = None,
    gpu_power: Annotated[
        float | None,
        typer.Option(min=1.0, metavar="N", show_default=False, help="What one GPU is rated for, watts."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fit step times to benchmark results of your own GPUs, for `pool.profile`."""
    if host:
        with explained():
            from simulator.studies.inputs.host.host_fit import Served, fit_host

            if out is not None or model is None or gpu is None:
                raise typer.BadParameter("needs --model and --gpu, and writes no --out", param_hint="--host")
            served = Served(model, gpu, tensor_parallel, engine_version, max_num_seqs, prefix)
            show_report(follow(lambda runner: fit_host(results, served, runner)), as_json=as_json)
        return
    if out is None:
        raise typer.BadParameter("is needed, or --host", param_hint="--out")
    if out.suffix != ".csv" or out.resolve() in {result.resolve() for result in results}:
        raise typer.BadParameter(f"{out} must end in .csv and be none of the results", param_hint="--out")
    with explained():
        from simulator.studies.inputs.profile.profile_fit import SetUp, fit_profile

        known = SetUp(model, gpu, tensor_parallel, kv_tokens, max_model_len, gpu_power)
        report = fit_profile(results, known, out)
        show_report(report, as_json=as_json)
        for warning in report.warnings if as_json else ():
            complain(f"warning: {warning}")
