"""Which assumption of the workbook moves which categories of cost?"""

FIRST_ROW = 3  # of every table, below title and note
GROUPS = {
    "input_tokens": "tokens",
    "cached_input_tokens": "tokens",
    "output_tokens": "tokens",
    "mirrored_tokens": "tokens",
    "gpu_hours": "gpus",
    "gpu_idle_hours": "gpus",
    "spot_gpu_hours": "gpus",
    "spot_gpu_idle_hours": "gpus",
    "human_hours": "people",
    "human_idle_hours": "people",
    "platform": "platform",
}
FACTORS = {
    "tokens": "token_price_factor",
    "gpus": "gpu_price_factor",
    "people": "people_cost_factor",
    "platform": "platform_factor",
}
