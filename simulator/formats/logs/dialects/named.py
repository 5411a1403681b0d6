"""Logs of no known tool: columns that a user names, or that are named as everybody names them; and rows of `rollout run`."""

import re
from collections.abc import Iterable, Mapping

from simulator.formats.logs.dialect import COLUMNS, DURATIONS, TIMES, UNITS, At, Dialect, Unit, at, plain_name
from simulator.formats.logs.errors import LogError

_WORDS: Mapping[str, tuple[str, ...]] = {
    "time": (
        "timestamp",
        "starttime",
        "startedat",
        "createdat",
        "requesttime",
        "requesttimestamp",
        "requeststart",
        "requestedat",
        "time",
        "ts",
        "datetime",
        "start",
        "created",
        "eventtime",
        "timeiso8601",
        "timegenerated",
        "arrivaltime",
        "date",
    ),
    "end": (
        "finishedtime",
        "endtime",
        "endedat",
        "finishedat",
        "completedat",
        "respondedat",
        "end",
        "finishtime",
    ),
    "first_token": ("firsttokentime", "firsttokenat", "completionstarttime", "firsttokentimestamp"),
    "latency": (
        "responsetime",
        "generationtime",
        "took",
        "durationtotal",
        "latency",
        "duration",
        "totallatency",
        "totalduration",
        "elapsed",
        "requestlatency",
        "requestduration",
        "totaltime",
        "e2elatency",
        "endtoendlatency",
        "responselatency",
        "processingtime",
    ),
    "ttft": (
        "firsttoken",
        "genairesponsetimetofirstchunk",
        "ttft",
        "timetofirsttoken",
        "firsttokenlatency",
        "timetofirstchunk",
        "firstbytelatency",
    ),
    "input": (
        "numprompttokens",
        "genaiusageinputtokens",
        "genaiusageprompttokens",
        "llmtokencountprompt",
        "attributesllmtokencountprompt",
        "attributesgenaiusageinputtokens",
        "tokensprompt",
        "nativetokensprompt",
        "requnits",
        "inputtokens",
        "prompttokens",
        "tokensin",
        "promptlength",
        "inputlength",
        "ntokensprompt",
        "promptntokens",
        "numinputtokens",
        "tokeninput",
    ),
    "output": (
        "numgenerationtokens",
        "genaiusageoutputtokens",
        "genaiusagecompletiontokens",
        "llmtokencountcompletion",
        "attributesllmtokencountcompletion",
        "attributesgenaiusageoutputtokens",
        "nativetokenscompletion",
        "resunits",
        "outputtokens",
        "completiontokens",
        "generatedtokens",
        "tokensout",
        "outputlength",
        "numoutputtokens",
        "responsetokens",
        "tokenscompletion",
        "completionntokens",
        "tokenoutput",
    ),
    "cached": (
        "genaiusagecachereadinputtokens",
        "nativetokenscached",
        "cachedtokens",
        "cachedinputtokens",
        "cachereadtokens",
        "cachereadinputtokens",
        "promptcachedtokens",
        "cachedprompttokens",
    ),
    "model": (
        "modelpermaslug",
        "genairesponsemodel",
        "genairequestmodel",
        "attributesllmmodelname",
        "aimodel",
        "model",
        "modelname",
        "modelid",
        "deployment",
        "deploymentname",
        "responsemodel",
        "requestmodel",
        "modelused",
    ),
    "status": (
        "responsestatuscode",
        "status",
        "statuscode",
        "httpstatus",
        "responsestatus",
        "outcome",
        "result",
        "success",
    ),
    "error": ("error", "errorcode", "errortype", "exception", "exceptiontype"),
    "user": ("userid", "user", "enduser", "customerid", "accountid"),
    "session": ("genaiconversationid", "sessionid", "conversationid", "threadid", "chatid"),
    "trace": ("traceid", "correlationid", "operationid"),
    "id": ("requestid", "id", "callid", "generationid"),
    "cost": ("costtotal", "cost", "costusd", "totalcost", "spend", "spendusd", "price"),
    "cache_hit": ("cached", "cachestatus", "cachehit", "iscached", "fromcache"),
}
_UNIT_OF: Mapping[str, Unit] = {
    "s": "s",
    "sec": "s",
    "secs": "s",
    "seconds": "s",
    "ms": "ms",
    "msec": "ms",
    "millis": "ms",
    "milliseconds": "ms",
    "us": "us",
    "micros": "us",
    "microseconds": "us",
    "ns": "ns",
    "nanos": "ns",
    "nanoseconds": "ns",
}
_SEPARATED_UNIT = re.compile(r"[_. (\[](" + "|".join(_UNIT_OF) + r")[)\]]?$", re.I)
_CAMEL_UNIT = re.compile(
    r"(?<=[a-z])(Ms|MS|Ns|NS|Us|Seconds|Secs|Millis|Milliseconds|Micros|Nanos|UnixNano)$"
)

ROLLOUT = Dialect(
    "rows of rollout run",
    (("arrival_s",), ("outcome",), ("input_tokens",), ("output_tokens",), ("seed",)),
    {
        "time": at("arrival_s", unit="s"),
        "latency": at("latency_s", unit="s"),
        "ttft": at("ttft_s", unit="s"),
        "input": at("input_tokens"),
        "output": at("output_tokens"),
        "status": at("outcome"),
        "id": at("request_id"),
    },
)


def unit_in(name: str) -> tuple[str, Unit | None]:
    """A name without the unit at its end, and the unit."""
    if found := _SEPARATED_UNIT.search(name):
        return name[: found.start()], _UNIT_OF[found[1].lower()]
    if found := _CAMEL_UNIT.search(name):
        return name[: found.start()], "ns" if found[1] == "UnixNano" else _UNIT_OF[found[1].lower()]
    return name, None


def guessed(paths: Iterable[str]) -> Dialect | None:
    """The dialect of a log whose columns have usual names; None: no time, or no tokens and no latency."""
    by_word: dict[str, At] = {}
    for path in sorted(paths, key=lambda one: one.count("/")):
        stem, unit = unit_in(path)
        for word in (plain_name(stem), plain_name(stem.rpartition("/")[2]), plain_name(path)):
            by_word.setdefault(word, At(path, unit))
    columns = {
        column: tuple(by_word[word] for word in words if word in by_word) for column, words in _WORDS.items()
    }
    columns = {column: places[:1] for column, places in columns.items() if places}
    if "time" not in columns or not ({"input", "output", "latency"} & set(columns)):
        return None
    told = ", ".join(f"{column}={places[0].path.replace('/', '.')}" for column, places in columns.items())
    return Dialect(f"columns by their names: {told}", (), columns)


def named(text: str) -> Dialect:
    """The dialect that a user states: `time=ts:ms,input=prompt_tokens`.

    Raises
    ------
    LogError
        If a part is no `NAME=COLUMN`, or a name is none of the known ones.
    """
    columns: dict[str, tuple[At, ...]] = {}
    known = [name for name in COLUMNS if name not in ("total", "sampled", "operation", "streamed")]
    for part in text.split(","):
        name, equals, path = (piece.strip() for piece in part.partition("="))
        if not equals or not path:
            raise LogError(f"--columns: `{part.strip()[:60]}` is no NAME=COLUMN such as `time=created_at`")
        if name not in known:
            raise LogError(f"--columns: no `{name[:40]}`; the names are {', '.join(known)}")
        path, colon, unit = path.rpartition(":")
        if not colon or unit not in UNITS:
            path, unit = f"{path}{colon}{unit}", ""
        if unit and name not in (*TIMES, *DURATIONS):
            raise LogError(f"--columns: `{name}` has no unit; only times and durations have one")
        place = path.replace(".", "/") if "/" not in path else path
        stated: Unit | None = unit or unit_in(path)[1]  # type: ignore[assignment]
        columns[name] = (*columns.get(name, ()), At(place, stated))
    return Dialect("the columns named", (), columns)
