"""By which time a function with state is called for keys without rows, as `timeMode` names it."""

NO_TIME = "none"
PROCESSING_TIME = "processingtime"
EVENT_TIME = "eventtime"
