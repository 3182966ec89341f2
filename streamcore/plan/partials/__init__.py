"""Aggregates taken apart for incremental queries: partial results that can be kept, merged and finished."""
