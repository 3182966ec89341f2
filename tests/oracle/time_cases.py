"""Expressions over dates, times and intervals that PySpark was asked for: a line each, in groups by zone."""

from __future__ import annotations

from dataclasses import dataclass

INTERVALS = r"""
interval '2147483647' month + interval '1' month
interval '2147483647' month * 2
- (interval '-106751991 04:00:54.775808' day to second)
interval 3 day / 0
interval 3 month / 0
interval 3 day / 0.0
interval 3 day / 0e0
interval 3 day * 1.5
interval 3 day * 1.5e0
interval 3 month * 1.5
interval 3 month * 1.5e0
interval 3 day * '1.5'
interval 3 day * 'a'
interval 3 day / 'a'
2 * interval 3 day
'2' * interval 3 day
interval 5 month / 2
interval 5 month / 2e0
interval -5 month / 2
interval '5' second / 3
interval 3 day * null
interval 3 day + null
null - interval 3 day
interval 3 day + interval 1 month
interval 3 day + interval 2 hour
interval 1 year - interval 2 month
date'2020-01-31' + interval 1 month
date'2020-01-31' + interval '1-2' year to month
date'2020-01-31' + interval 1 day
date'2020-01-31' + interval 25 hour
date'2020-01-31' - interval 25 hour
date'2020-01-31' + interval '1 01' day to hour
interval 1 day + date'2020-01-31'
interval 1 day - date'2020-01-31'
timestamp'2020-01-31 10:00:00' + interval 1 month
timestamp_ntz'2020-01-31 10:00:00' + interval 1 month
timestamp_ntz'2020-01-31 10:00:00' + interval 1 second
timestamp'2020-01-31 10:00:00' - date'2020-01-01'
timestamp_ntz'2020-01-31 10:00:00' - date'2020-01-01'
timestamp'2020-01-31 10:00:00' - timestamp_ntz'2020-01-01 00:00:00'
date'2020-01-31' - date'2020-01-01'
date'2020-01-31' - '2020-01-01'
'2020-01-31' - date'2020-01-01'
timestamp'2020-01-31 10:00:00' - '2020-01-01'
'2020-01-31' + interval 1 day
'2020-01-31' + interval 1 month
'2020-01-31' - interval 1 hour
date'2020-01-31' + '1'
date'2020-01-31' + 1Y
date'2020-01-31' + 1L
1 + date'2020-01-31'
date'2020-01-31' + make_interval(0,1,0,1)
timestamp'2020-01-31 10:00:00' + make_interval(0,1,0,1,1)
timestamp_ntz'2020-01-31 10:00:00' - make_interval(0,1,0,1,1)
date'2020-01-31' + make_interval(0,1,0,1,1)
make_interval(1) + make_interval(0,3)
make_interval(1,2,3,4,5,6,7.123456) * 2
make_interval(1,2,3,4,5,6,7.123456) / 2
- make_interval(1,2,3,4,5,6,7.123456)
make_interval(0,0,0,0,0,0,0)
make_interval()
try_make_interval(2147483647)
make_interval(2147483647)
make_interval(0,0,0,-1,-2,-3,-4.5)
make_dt_interval()
make_dt_interval(1,2,3,4.005006)
make_dt_interval(2147483647)
make_dt_interval(1,25,61,61.5)
make_ym_interval()
make_ym_interval(1,2)
make_ym_interval(-1,2)
abs(interval -3 day)
abs(interval '-1-2' year to month)
sign(interval -3 day)
signum(interval -3 month)
negative(interval 3 day)
positive(interval 3 day)
+ interval 3 day
- interval 3 day
abs(interval '-106751991 04:00:54.775808' day to second)
interval 3 day = interval 72 hour
interval 3 day < interval 73 hour
interval 12 month = interval 1 year
interval 3 day = interval 1 month
interval 3 day = '3'
interval 3 day = 'INTERVAL \'3\' DAY'
interval 1 day > '1'
case when true then interval 1 day else interval 1 month end
cast('3' as interval day)
cast('INTERVAL \'3\' DAY' as interval day)
cast('interval \'-3\' day' as interval day)
cast('interval -\'-3\' day' as interval day)
cast('3 10' as interval day to hour)
cast('3 10:11' as interval day to minute)
cast('3 10:11:12.5' as interval day to second)
cast('3 24:11:12.5' as interval day to second)
cast('3 10:60:12.5' as interval day to second)
cast('3 10:11:60.5' as interval day to second)
cast(' 3 10:11:12.5 ' as interval day to second)
cast('+3 10:11:12.5' as interval day to second)
cast('-3 10:11:12.123456789' as interval day to second)
cast('10' as interval hour)
cast('123' as interval hour)
cast('1000000000000' as interval hour)
cast('25:11' as interval hour to minute)
cast('25:11:12.1' as interval hour to second)
cast('99' as interval minute)
cast('99:11.1' as interval minute to second)
cast('99.123456789' as interval second)
cast('99.' as interval second)
cast('.5' as interval second)
cast('3' as interval day to second)
cast('3 10:11:12' as interval day)
cast('INTERVAL \'3 10:11:12.5\' DAY TO SECOND' as interval day to second)
cast('INTERVAL \'3 10:11:12.5\' DAY TO SECOND' as interval day)
cast('INTERVAL \'3\' DAY' as interval day to second)
cast('1-2' as interval year to month)
cast('1-12' as interval year to month)
cast('-1-2' as interval year to month)
cast('1' as interval year)
cast('1' as interval month)
cast('INTERVAL \'1-2\' YEAR TO MONTH' as interval year to month)
cast('178956970-7' as interval year to month)
cast('178956970-8' as interval year to month)
cast('a' as interval day)
try_cast('a' as interval day)
cast('106751991 04:00:54.775808' as interval day to second)
cast('-106751991 04:00:54.775808' as interval day to second)
cast('1 day' as interval)
cast('interval 1 month 2 days 3.5 seconds' as interval)
cast(interval 3 day as string)
cast(interval '3 10:11:12.5' day to second as interval hour)
cast(interval '-3 10:11:12.5' day to second as interval hour)
cast(interval '-3 10:11:12.5' day to second as interval day)
cast(interval '1-2' year to month as interval year)
cast(interval '-1-2' year to month as interval year)
cast(interval '1-2' year to month as interval month)
cast(interval '1-2' year to month as int)
cast(interval '1-2' year to month as tinyint)
cast(interval '100-2' year to month as tinyint)
cast(interval '10' year as tinyint)
cast(interval '3 10:11:12.5' day to second as bigint)
cast(interval '-3 10:11:12.5' day to second as bigint)
cast(interval '3 10' day to hour as int)
cast(interval '3 10:11:12.5' day to second as decimal(20,3))
cast(interval '3 10:11' day to minute as decimal(20,3))
cast(interval '3' day as decimal(20,3))
cast(interval '3' day as double)
cast(interval '3' day as boolean)
cast(interval '1-2' year to month as decimal(10,2))
cast(interval '7' month as decimal(10,2))
cast(interval '7' year as decimal(1,0))
cast(interval '77' year as decimal(1,0))
cast(3 as interval day)
cast(3 as interval day to second)
cast(3 as interval hour to minute)
cast(3.5 as interval day)
cast(80.654321BD as interval hour to minute)
cast(10.123456BD as interval day to second)
cast(10.1234565BD as interval day to second)
cast(3.5BD as interval year)
cast(3.55BD as interval year)
cast(3.5BD as interval month)
cast(3.5BD as interval year to month)
cast(3e0 as interval day)
cast(9223372036854775807 as interval day)
cast(2147483647 as interval year)
cast(true as interval day)
interval 1.5 second
interval '1.5' second
interval 1 week 2 day
interval 1.999999999 second
interval 1 millisecond 2 microsecond
interval '1 year 2 month'
interval '1 day 2 hours 3.5 seconds'
interval 'interval 1 day'
interval '1 day' + interval '-1 days'
interval '1 month 1 day'
interval '1'
interval 1 fortnight
interval '1 2' day to hour
interval '-1 2' day to hour
interval -'-1 2' day to hour
interval '1 2:3' day to minute
interval '1:2' hour to minute
interval '1:2:3.4' hour to second
interval '2:3.4' minute to second
interval '1 24' day to hour
interval '1 2:60' day to minute
interval '1-13' year to month
interval '1-2' month to year
interval '0' second
interval '-0.5' second
interval 1 years 3 months
interval 0 day
interval '' day
interval '1 ' day
interval 'a' day
interval '100' hour
interval 1000000000000 day
interval 2147483648 month
make_interval(178956970, 11)
make_dt_interval(1, null, 3)
make_ym_interval(178956970, 8)
array(interval 3 day, interval 1 hour)
coalesce(interval 3 day, interval 1 hour)
if(true, interval 3 day, interval 1 hour)
if(true, interval 1 year, interval 1 month)
greatest(interval 3 day, interval 1 hour)
"""


@dataclass(frozen=True)
class Group:
    """Expressions that are asked for in one session time zone."""

    zone: str
    text: str

    @property
    def expressions(self) -> list[str]:
        return [line.strip() for line in self.text.splitlines() if line.strip()]


GROUPS = {"intervals": Group("America/Los_Angeles", INTERVALS)}

_CALENDAR = "calendar intervals are made, added and written, and no more"
_TEXT_AS_NUMBER = "text that is no number"
DIFFERENCES: dict[str, str] = {
    "cast('1 day' as interval)": _CALENDAR,
    "cast('interval 1 month 2 days 3.5 seconds' as interval)": _CALENDAR,
    "make_interval(1,2,3,4,5,6,7.123456) * 2": _CALENDAR,
    "make_interval(1,2,3,4,5,6,7.123456) / 2": _CALENDAR,
    "interval 3 day * 'a'": _TEXT_AS_NUMBER,
    "interval 3 day / 'a'": _TEXT_AS_NUMBER,
}
"""Expressions that answer otherwise, or are refused, with the reason."""
