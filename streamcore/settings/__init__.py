"""The settings that are known: what each may be, and what it does.

`kinds` says what a value may be, `table` lists the settings, `checking` refuses what is not honoured.
"""
