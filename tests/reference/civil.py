"""Days (counted from 1970-01-01), months ("YYYY-MM"), time zones and the window rules."""

import calendar
import datetime
import re
import zoneinfo

_EPOCH = datetime.date(1970, 1, 1).toordinal()


def day_number(year, month, day):
    return datetime.date(year, month, day).toordinal() - _EPOCH


def civil(day):
    """Day number -> datetime.date."""
    return datetime.date.fromordinal(day + _EPOCH)


def parse_date(text):
    """YYYY-MM-DD within the years 1970-2200 -> day number, anything else -> None."""
    match = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text, re.ASCII)
    if not match or not 1970 <= int(match[1]) <= 2200:
        return None
    try:
        return day_number(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def parse_month(text):
    """YYYY-MM within the years 1970-2200 -> its first day, anything else -> None."""
    return parse_date(text + "-01") if re.fullmatch(r"\d{4}-\d{2}", text, re.ASCII) else None


def month_of(day):
    """The number of the day's month, counted from year 0."""
    date = civil(day)
    return date.year * 12 + date.month - 1


def first_day(month):
    return day_number(month // 12, month % 12 + 1, 1)


def last_day(month):
    return day_number(month // 12, month % 12 + 1, calendar.monthrange(month // 12, month % 12 + 1)[1])


def months_before(day, months):
    """The same day of the month, clamped to that month's last day; a month's last day stays a last day."""
    target = month_of(day) - months
    if day == last_day(month_of(day)):
        return last_day(target)
    return min(first_day(target) + civil(day).day - 1, last_day(target))


class Zone:
    """The configured time zone."""

    def __init__(self, name):
        self._zone = zoneinfo.ZoneInfo(name)

    def day(self, seconds):
        """The civil day of a moment, given in whole seconds since the epoch."""
        moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
        return moment.astimezone(self._zone).date().toordinal() - _EPOCH

    def midnight(self, day):
        """00:00 of a civil day, in seconds since the epoch; where a clock change skips it, the first moment after."""
        moment = datetime.datetime.combine(civil(day), datetime.time(), tzinfo=self._zone)
        seconds = int(moment.timestamp())
        while self.day(seconds) < day:
            seconds += 60
        return seconds


class Windows:
    """The days of each window at D, as inclusive (first, last); first None is "since ever"."""

    def __init__(self, day, fiscal_start_month=1):
        self.day = day
        month = month_of(day)
        self._year = month - (month % 12 + 1 - fiscal_start_month) % 12
        self._quarter = self._year + (month - self._year) // 3 * 3

    def mtd(self):
        return first_day(month_of(self.day)), self.day

    def qtd(self):
        return first_day(self._quarter), self.day

    def ytd(self):
        return first_day(self._year), self.day

    def ytd_prior(self):
        return months_before(first_day(self._year), 12), months_before(self.day, 12)

    def trailing_months(self, count, before=0):
        return months_before(self.day, count + before) + 1, months_before(self.day, before) if before else self.day

    def trailing_days(self, count):
        return self.day - count + 1, self.day

    def total(self):
        return None, self.day

    def total_before_months(self, count):
        return None, months_before(self.day, count)

    def total_before_days(self, count):
        return None, self.day - count

    def next_days(self, count):
        return self.day, self.day + count - 1
