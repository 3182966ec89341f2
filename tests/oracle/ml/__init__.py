"""What PySpark ML answers, frozen."""
