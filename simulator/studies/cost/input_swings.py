"""What does each uncertain input do to the total by itself, and how much of its variance does it explain?"""

from simulator.studies.cost.costs import RolloutCosts
from simulator.studies.cost.report import InputSwing


def input_swings(costs: RolloutCosts) -> tuple[InputSwing, ...]:
    """Every input with a range, the one that moves the total most first; none without draws."""
    drawn, currency = costs.uncertainty, costs.currency
    if drawn is None:
        return ()
    plain, total = drawn.plain.total_usd, costs.forecast.total_usd
    shares = {found.factor: found for found in drawn.sensitivities(lambda forecast: forecast.total_usd)}
    swings = []
    for swing in drawn.swings:
        share = shares.get(swing.name)
        swings.append(
            InputSwing(
                input=swing.name,
                low_factor=swing.low_factor,
                high_factor=swing.high_factor,
                low=currency.of(total * swing.low.total_usd / plain),
                high=currency.of(total * swing.high.total_usd / plain),
                first_order=None if share is None else share.first_order,
                first_order_half_width=None if share is None else share.half_width,
            )
        )
    return tuple(sorted(swings, key=lambda swing: -abs(swing.high - swing.low)))
