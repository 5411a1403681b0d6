"""What services and pools say alike about replicas that follow the load: Ray Serve's words and defaults."""

from pydantic import BaseModel, ConfigDict, Field

from simulator.units import Count, Seconds


class AutoscalingPolicy(BaseModel):
    """Bounds, and how long a change must be wanted before it is made."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    min_replicas: Count = Field(default=1, ge=1)
    max_replicas: Count = Field(ge=1)
    upscale_delay: Seconds = Field(default=30.0, ge=0)
    downscale_delay: Seconds = Field(default=600.0, ge=0)
    look_back_period: Seconds = Field(default=30.0, gt=0)
    metrics_interval: Seconds = Field(default=10.0, gt=0)
    startup_delay: Seconds = Field(default=0.0, ge=0, description="From the decision until a replica serves.")
