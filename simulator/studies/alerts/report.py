"""What alerts are reported to do: when each fires because of an incident, and how often without any."""

from simulator.studies.record import Interval, OptionalInterval, Record


class Detection(Record):
    """What one alert saw of one incident.

    Attributes
    ----------
    notify : who gets it
    seen : share of the runs in which it fires because of the incident, with its exact binomial interval
    after_s : from the start of the incident until it fires, where it does; None: nowhere
    slo, burn_rate : the objective and the rule that mostly fire first; None: none does
    on_before : share of the runs in which it is firing already when the incident starts
    """

    alert: str
    notify: str
    seen: Interval
    after_s: OptionalInterval
    slo: str | None
    burn_rate: float | None
    on_before: float


class AlertBaseline(Record):
    """One alert, and what it does while nothing is wrong.

    Attributes
    ----------
    slos : objectives that it watches
    false_per_month : times that it starts to fire in a healthy month of 730 h
    on_share : of a healthy month in which it fires
    unseen : objectives of which monitoring counts nothing: nobody looks at their answers
    out_of_reach : objectives for which none of its rules could fire even if everything failed
    """

    alert: str
    notify: str
    slos: tuple[str, ...]
    false_per_month: Interval
    on_share: float
    unseen: tuple[str, ...]
    out_of_reach: tuple[str, ...]
