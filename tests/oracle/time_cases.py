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

TIMES = r"""
time'10:11:12.5'
time'1:2'
cast(time'00:01:52' as tinyint)
cast(time'23:59:59.9' as int)
cast(time'10:11:12.123456' as decimal(20,6))
cast(time'10:11:12.126456' as decimal(7,2))
cast(time'10:11:12.5' as string)
cast(time'10:11:12' as string)
cast('10:11:12.123456' as time(3))
cast('10:11' as time)
cast(' 10:11 ' as time)
cast('25:11' as time)
try_cast('25:11' as time)
cast(timestamp_ntz'2020-01-01 10:11:12.5' as time)
cast(timestamp'2020-01-01 10:11:12.5' as time(0))
time'10:11' + interval 1 hour
time'10:11' - interval '1' second
time'23:11' + interval 1 hour
time'10:11' - time'09:00:01'
time'10:11' < time'11:00'
hour(time'10:11:12')
minute(time'10:11:12')
second(time'10:11:12.7')
extract(second from time'10:11:12.5')
extract(hour from time'10:11:12.5')
extract(day from time'10:11:12.5')
make_time(10, 11, 12.5)
make_time(24, 11, 12.5)
time_trunc('HOUR', time'10:11:12.5')
time_trunc('MILLISECOND', time'10:11:12.123456')
time_diff('HOUR', time'10:00', time'12:59')
time_diff('MINUTE', time'10:00:30', time'09:00')
to_time('10:11:12')
try_to_time('x')
make_timestamp(date'2020-01-01', time'10:11')
make_timestamp(date'2020-01-01')
make_timestamp(date'2020-01-01', null)
make_timestamp(null)
make_timestamp(date'2020-01-01', time'10:11', 'UTC')
make_timestamp(date'2020-01-01', time'10:11', 'Europe/Berlin')
make_timestamp(2021, 7, 11, 6, 30, 45.678)
make_timestamp(2021, 7, 11, 6, 30, 45.678, 'CET')
make_timestamp(2021, 7, 11, 6, 30, 45.678, concat('C', 'ET'))
make_timestamp(2021, 7, 11, 6, 30, 60)
make_timestamp(2021, 7, 11, 6, 30, 60.007)
make_timestamp(2021, 7, 11, 6, 30, 61)
make_timestamp(2021, 13, 11, 6, 30, 1)
try_make_timestamp(2021, 13, 11, 6, 30, 1)
make_timestamp(2021, null, 11, 6, 30, 1)
make_timestamp_ntz(2021, 7, 11, 6, 30, 45.678)
make_timestamp_ntz(date'2021-07-11', time'10:00')
make_timestamp_ltz(2021, 7, 11, 6, 30, 45.678, 'PST')
try_make_timestamp_ntz(2021, 7, 32, 6, 30, 45.678)
timestampadd(MONTH, -1, timestamp'2022-02-14 01:02:03')
timestampadd(MINUTE, 58, timestamp'2022-02-14 01:02:03')
timestampadd(YEAR, 1, date'2022-02-15')
timestampadd(SECOND, -1, date'2022-02-15')
timestampadd(DAYOFYEAR, 3, timestamp_ntz'2022-02-14 01:02:03')
timestampadd('MONTH', -1, timestamp'2022-02-14 01:02:03')
timestampadd(FORTNIGHT, -1, timestamp'2022-02-14 01:02:03')
dateadd(QUARTER, 5, date'2022-02-25')
date_add(WEEK, 5, date'2022-02-25')
dateadd(MICROSECOND, 1001, timestamp'2022-02-25 01:02:03.123')
dateadd(date'2022-02-25', 3)
timestampdiff(MONTH, timestamp'2022-02-14 01:02:03', timestamp'2022-01-14 02:02:03')
datediff(QUARTER, timestamp'2022-02-25 01:02:03', timestamp'2023-02-25 01:02:02')
date_diff(DAY, date'2022-02-25', timestamp'2022-03-25 05:02:03')
timediff(HOUR, timestamp'2022-02-25 01:02:03', timestamp'2022-03-25 05:02:03')
datediff(date'2022-02-25', date'2022-01-25')
extract(year from interval '2-1' year to month)
extract(month from interval '-2-1' year to month)
extract(day from interval '123 12:34:56.789123' day to second)
extract(hour from interval '123 12:34:56.789123' day to second)
extract(minute from interval '-123 12:34:56.789123' day to second)
extract(second from interval '-123 12:34:56.789123' day to second)
extract(second from interval '123' day)
extract(year from interval '123' day)
extract(week from interval '123' day)
extract(day from make_interval(1,2,3,4,5,6,7.5))
extract(hour from make_interval(1,2,3,4,25,6,7.5))
extract(minute from make_interval(1,2,3,4,5,66,7.5))
extract(second from make_interval(1,2,3,4,5,6,7.5))
extract(month from make_interval(1,2,3,4,5,6,7.5))
extract(yrs from timestamp'2011-05-06 07:08:09.1234567')
extract(yearofweek from date'2011-01-01')
extract(dayofweek_iso from date'2011-05-08')
extract(dow from date'2011-05-08')
extract(doy from timestamp_ntz'2011-05-06 07:08:09')
extract(seconds from timestamp_ntz'2011-05-06 07:08:09.5')
extract(qtr from timestamp'2011-05-06 07:08:09.5')
extract(fortnight from date'2011-05-06')
date_part('mons', date'2011-05-06')
date_part(null, date'2011-05-06')
datepart('Y', '2011-05-06')
sign(interval '0' second)
sequence(date'2020-01-01', date'2020-01-03')
sequence(date'2020-01-01', date'2020-04-03', interval 1 month)
sequence(date'2020-01-31', date'2020-04-30', interval 1 month)
sequence(date'2020-01-03', date'2020-01-01')
sequence(date'2020-01-03', date'2020-01-01', interval -1 day)
sequence(date'2020-01-03', date'2020-01-01', interval 1 day)
sequence(date'2020-01-01', date'2020-01-03', interval 12 hours)
sequence(date'2020-01-01', date'2020-03-03', interval 1 week)
sequence(timestamp'2020-01-01 00:00:00', timestamp'2020-01-01 03:00:00', interval 1 hour)
sequence(timestamp'2020-03-07 01:30:00', timestamp'2020-03-10 03:00:00', interval 1 day)
sequence(timestamp'2020-03-07 22:30:00', timestamp'2020-03-08 05:00:00', interval 1 hour)
sequence(timestamp'2020-01-31 01:30:00', timestamp'2020-05-31 03:00:00', interval 1 month)
sequence(timestamp_ntz'2020-01-01 00:00:00', timestamp_ntz'2020-01-01 00:01:00', interval 30 seconds)
sequence(timestamp'2020-01-01 00:00:00', timestamp'2020-01-03 00:00:00')
sequence(timestamp'2020-01-03 00:00:00', timestamp'2020-01-01 00:00:00')
sequence(date'2020-01-01', timestamp'2020-01-03 00:00:00')
sequence(timestamp'2020-01-31 01:30:00', timestamp'2019-10-31 00:00:00', interval -1 month)
sequence(date'2020-01-01', date'2022-01-01', interval 1 year)
sequence(date'2020-01-01', date'2020-01-03', interval 0 day)
sequence(1, 3, interval 1 day)
sequence(date'2020-01-01', date'2020-02-03', make_interval(0,0,0,20))
sequence(cast(null as date), date'2020-01-03')
"""

PATTERNS = r"""
to_timestamp('2019-10-06 10:11:12.', 'yyyy-MM-dd HH:mm:ss.SSSSSS[zzz]')
to_timestamp('2019-10-06 10:11:12.0', 'yyyy-MM-dd HH:mm:ss.SSSSSS[zzz]')
to_timestamp('2019-10-06 10:11:12.12345CST', 'yyyy-MM-dd HH:mm:ss.SSSSSS[zzz]')
to_timestamp('2019-10-06 10:11:12.123456PST', 'yyyy-MM-dd HH:mm:ss.SSSSSS[zzz]')
to_timestamp('2019-10-06 10:11:12.1234567PST', 'yyyy-MM-dd HH:mm:ss.SSSSSS[zzz]')
to_timestamp('123456 2019-10-06 10:11:12.123456PST', 'SSSSSS yyyy-MM-dd HH:mm:ss.SSSSSS[zzz]')
to_timestamp('223456 2019-10-06 10:11:12.123456PST', 'SSSSSS yyyy-MM-dd HH:mm:ss.SSSSSS[zzz]')
to_timestamp('2019-10-06 10:11:12.1234', 'yyyy-MM-dd HH:mm:ss.[SSSSSS]')
to_timestamp('2019-10-06 10:11:12.123', 'yyyy-MM-dd HH:mm:ss[.SSSSSS]')
to_timestamp('2019-10-06 10:11:12', 'yyyy-MM-dd HH:mm:ss[.SSSSSS]')
to_timestamp('2019-10-06 10:11:12.12', 'yyyy-MM-dd HH:mm[:ss.SSSSSS]')
to_timestamp('2019-10-06 10:11', 'yyyy-MM-dd HH:mm[:ss.SSSSSS]')
to_timestamp("2019-10-06S10:11:12.12345", "yyyy-MM-dd'S'HH:mm:ss.SSSSSS")
to_timestamp("12.12342019-10-06S10:11", "ss.SSSSyyyy-MM-dd'S'HH:mm")
to_timestamp("12.1232019-10-06S10:11", "ss.SSSSyyyy-MM-dd'S'HH:mm")
to_timestamp("12.1232019-10-06S10:11", "ss.SSSSyy-MM-dd'S'HH:mm")
to_timestamp("12.1234019-10-06S10:11", "ss.SSSSy-MM-dd'S'HH:mm")
to_timestamp("2019-10-06S", "yyyy-MM-dd'S'")
to_timestamp("S2019-10-06", "'S'yyyy-MM-dd")
to_timestamp("2019-10-06T10:11:12'12", "yyyy-MM-dd'T'HH:mm:ss''SSSS")
to_timestamp("2019-10-06T10:11:12'", "yyyy-MM-dd'T'HH:mm:ss''")
to_timestamp("P2019-10-06T10:11:12", "'P'yyyy-MM-dd'T'HH:mm:ss")
to_timestamp("16", "dd")
to_timestamp("02-29", "MM-dd")
to_timestamp('20191006', 'yyyyMMdd')
to_timestamp('201910061011', 'yyyyMMddHHmm')
to_timestamp('2019-1-6', 'yyyy-M-d')
to_timestamp('2019-01-06', 'yyyy-M-d')
to_timestamp('2019-1-6', 'yyyy-MM-dd')
to_timestamp('19-10-06', 'yy-MM-dd')
to_timestamp('99-10-06', 'yy-MM-dd')
to_timestamp('+12019-10-06', 'yyyy-MM-dd')
to_timestamp('12019-10-06', 'yyyy-MM-dd')
to_timestamp('12019-10-06', 'y-MM-dd')
to_timestamp('-2019-10-06', 'y-MM-dd')
to_timestamp('2019-Oct-06', 'yyyy-MMM-dd')
to_timestamp('2019-oct-06', 'yyyy-MMM-dd')
to_timestamp('2019-October-06', 'yyyy-MMM-dd')
to_timestamp('2019-October-06', 'yyyy-MMMM-dd')
to_timestamp('06/Oct/2019 03:04 PM', 'dd/MMM/yyyy hh:mm a')
to_timestamp('06/Oct/2019 03:04 pm', 'dd/MMM/yyyy hh:mm a')
to_timestamp('06/Oct/2019 15:04 PM', 'dd/MMM/yyyy hh:mm a')
to_timestamp('06/Oct/2019 12:04 AM', 'dd/MMM/yyyy hh:mm a')
to_timestamp('03:04', 'hh:mm')
to_timestamp('12:04', 'hh:mm')
to_timestamp('PM', 'a')
to_timestamp('24:04', 'kk:mm')
to_timestamp('00:04', 'KK:mm')
to_timestamp('24:00', 'HH:mm')
to_timestamp('2019 300', 'yyyy DDD')
to_timestamp('2019 3', 'yyyy D')
to_timestamp('2019 366', 'yyyy D')
to_timestamp('2020-01-27T20:06:11.847', "yyyy-MM-dd'T'HH:mm:ss.SSS")
to_timestamp('2020-01-27T20:06:11.847Z', "yyyy-MM-dd'T'HH:mm:ss.SSSX")
to_timestamp('2020-01-27T20:06:11+01:00', "yyyy-MM-dd'T'HH:mm:ssXXX")
to_timestamp('2020-01-27T20:06:11+0100', "yyyy-MM-dd'T'HH:mm:ssXX")
to_timestamp('2020-01-27T20:06:11+01', "yyyy-MM-dd'T'HH:mm:ssX")
to_timestamp('2020-01-27T20:06:11+01:00', "yyyy-MM-dd'T'HH:mm:ssXX")
to_timestamp('2020-01-27T20:06:11-0800', "yyyy-MM-dd'T'HH:mm:ssZ")
to_timestamp('2020-01-27T20:06:11+00:00', "yyyy-MM-dd'T'HH:mm:ssxxx")
to_timestamp('2020-01-27 20:06:11 Europe/Berlin', "yyyy-MM-dd HH:mm:ss VV")
to_timestamp('2020-07-27 20:06:11 CEST', "yyyy-MM-dd HH:mm:ss z")
to_timestamp('2020-01-27 20:06:11 GMT+8', "yyyy-MM-dd HH:mm:ss O")
to_timestamp('2020-03-08 02:30:00', "yyyy-MM-dd HH:mm:ss")
to_timestamp('2020-11-01 01:30:00', "yyyy-MM-dd HH:mm:ss")
to_timestamp('1800-11-01 01:30:00', "yyyy-MM-dd HH:mm:ss")
to_timestamp('2020-11-01', "yyyy-MM-dd HH:mm:ss")
to_timestamp('2020-11-01 01:30:00 ', "yyyy-MM-dd HH:mm:ss")
to_timestamp('2020-02-30', "yyyy-MM-dd")
to_timestamp('2020-11-01', "YYYY-MM-dd")
to_timestamp('2020-11-01', "yyyy-MM-dd e")
to_timestamp('2020-11-01 Sun', "yyyy-MM-dd EEE")
to_timestamp('2020-11-01', "yyyy-MM-dd[")
to_timestamp('2020-11-01', "yyyyyyyy-MM-dd")
to_timestamp('2020 AD', "yyyy G")
to_timestamp('x', "yyyy")
try_to_timestamp('x', "yyyy")
to_timestamp('2020', concat('yy', 'yy'))
to_timestamp(cast(null as string), "yyyy")
to_timestamp('2020', cast(null as string))
to_timestamp_ntz('2020-11-01 10', "yyyy-MM-dd HH")
to_timestamp_ntz('2020-11-01 10 +01:00', "yyyy-MM-dd HH XXX")
to_date('2020-11-01 10', "yyyy-MM-dd HH")
to_date('01/11/2020', "dd/MM/yyyy")
to_date('16', "dd")
to_date('2020-10', "yyyy-MM")
unix_timestamp('2020-10-01', "yyyy-MM-dd")
unix_timestamp('x', "yyyy-MM-dd")
to_unix_timestamp('2020-10-01 01:02:03')
date_format(timestamp'2020-01-05 14:03:02.123456', 'yyyy-MM-dd HH:mm:ss.SSSSSS')
date_format(timestamp'2020-01-05 14:03:02.123456', 'yy y yyy yyyy yyyyy')
date_format(timestamp'2020-01-05 14:03:02.123456', 'M MM MMM MMMM L LL LLL LLLL')
date_format(timestamp'2020-01-05 14:03:02.123456', 'd dd D DD DDD')
date_format(timestamp'2020-01-05 14:03:02.123456', 'H HH h hh k kk K KK')
date_format(timestamp'2020-01-05 00:03:02.123456', 'H HH h hh k kk K KK')
date_format(timestamp'2020-01-05 14:03:02.123456', 'm mm s ss a')
date_format(timestamp'2020-01-05 14:03:02.123456', 'S SS SSS SSSS SSSSS SSSSSSS SSSSSSSSS')
date_format(timestamp'2020-01-05 14:03:02.123456', 'E EE EEE EEEE')
date_format(timestamp'2020-01-05 14:03:02.123456', 'q qq qqq qqqq Q QQ QQQ QQQQ')
date_format(timestamp'2020-01-05 14:03:02.123456', 'G GG GGGG')
date_format(timestamp'2020-01-05 14:03:02.123456', 'F')
date_format(timestamp'2020-01-25 14:03:02.123456', 'F')
date_format(timestamp'2020-01-05 14:03:02.123456', 'X XX XXX XXXX XXXXX x xx xxx xxxx xxxxx')
date_format(timestamp'2020-07-05 14:03:02.123456', 'Z ZZ ZZZ ZZZZ ZZZZZ')
date_format(timestamp'2020-07-05 14:03:02.123456', 'VV z zz zzz O OOOO')
date_format(timestamp'2020-01-05 14:03:02.123456', 'VV z')
date_format(timestamp'2020-01-05 14:03:02.123456', '[yyyy[-MM]]')
date_format(timestamp'2020-01-05 14:03:02.123456', "yyyy 'at' '' %")
date_format(timestamp'2020-01-05 14:03:02.123456', 'Y')
date_format(timestamp'2020-01-05 14:03:02.123456', 'w')
date_format(timestamp'2020-01-05 14:03:02.123456', 'e')
date_format(timestamp'2020-01-05 14:03:02.123456', 'A')
date_format(timestamp'2020-01-05 14:03:02.123456', 'MMMMM')
date_format(timestamp'2020-01-05 14:03:02.123456', 'ddd')
date_format(timestamp'1800-01-05 14:03:02.123456', 'yyyy XXX xxxxx')
date_format(date'2020-01-05', 'yyyy-MM-dd HH XXX')
date_format(timestamp_ntz'2020-01-05 14:03:02', 'yyyy-MM-dd HH XXX')
date_format('2020-01-05', 'MMM')
date_format(timestamp'2020-01-05 14:03:02', concat('yy', 'yy'))
date_format(timestamp'2020-01-05 14:03:02', cast(null as string))
from_unixtime(0, 'yyyy-MM-dd HH:mm:ss XXX')
from_unixtime(0)
from_unixtime(-1.5, 'HH:mm:ss')
"""


@dataclass(frozen=True)
class Group:
    """Expressions that are asked for in one session time zone."""

    zone: str
    text: str

    @property
    def expressions(self) -> list[str]:
        return [line.strip() for line in self.text.splitlines() if line.strip()]


GROUPS = {
    "intervals": Group("America/Los_Angeles", INTERVALS),
    "times": Group("America/Los_Angeles", TIMES),
    "patterns": Group("America/Los_Angeles", PATTERNS),
}

_YEARS = "patterns read the years 1 to 9999"
_CALENDAR = "calendar intervals are made, added and written, and no more"
DIFFERENCES: dict[str, str] = {
    "cast('1 day' as interval)": _CALENDAR,
    "cast('interval 1 month 2 days 3.5 seconds' as interval)": _CALENDAR,
    "to_timestamp('+12019-10-06', 'yyyy-MM-dd')": _YEARS,
    "to_timestamp('-2019-10-06', 'y-MM-dd')": _YEARS,
    "to_timestamp('12019-10-06', 'y-MM-dd')": _YEARS,
    "make_interval(1,2,3,4,5,6,7.123456) * 2": _CALENDAR,
    "make_interval(1,2,3,4,5,6,7.123456) / 2": _CALENDAR,
}
"""Expressions that answer otherwise, or are refused, with the reason."""
