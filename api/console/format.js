// Numbers and times in the form that the reader's language has for them.

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

/** A number of bytes: 1.5 MB. */
export function bytes(number) {
  let unit = 0;
  let value = number;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const maximumFractionDigits = unit > 0 && value < 100 ? 1 : 0;
  return new Intl.NumberFormat(undefined, {
    style: "unit",
    unit: UNITS[unit],
    unitDisplay: "short",
    maximumFractionDigits,
  }).format(value);
}

const TIMES = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** A time of the service (RFC 3339) in the reader's zone; a dash if there is none. */
export const time = (text) => (text ? TIMES.format(new Date(text)) : "–");

/** A length of time: 2 min, 3 hr. */
export function duration(seconds) {
  const [unit, length] = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
    ["second", 1],
  ].find(([, length]) => seconds >= length) ?? ["second", 1];
  return new Intl.NumberFormat(undefined, {
    style: "unit",
    unit,
    unitDisplay: "short",
    maximumFractionDigits: 0,
  }).format(seconds / length);
}

/** The names of formats, as a list for people. */
export const formats = (names) =>
  new Intl.ListFormat(undefined, { type: "disjunction" }).format(names.map((name) => name.toUpperCase()));
