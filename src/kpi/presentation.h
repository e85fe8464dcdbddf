// How a KPI is shown: what a client needs to name, format and colour a number. Nothing here changes a value.
#ifndef KEYFOLD_KPI_PRESENTATION_H_
#define KEYFOLD_KPI_PRESENTATION_H_

#include <map>
#include <optional>
#include <string>

namespace keyfold {

// Which way a KPI is better.
enum class Better { kNeither, kHigher, kLower };

// The same in several languages: "de" and "en", or none.
using Translations = std::map<std::string, std::string>;

struct Presentation {
  std::string unit;  // "money", "ratio", "count", "flag" ..., as the catalogue names it
  Better better = Better::kNeither;
  Translations label;
  Translations description;
  Translations undefined;  // why there may be no value: what has not happened
  int digits = 0;          // decimals of the published value that are worth showing

  // From where on, in the direction of `better`, a value is good, and from where on in the other one it is bad.
  std::optional<double> good;
  std::optional<double> bad;

  std::string alert_severity;       // of a flag: LOW, MEDIUM, HIGH or CRITICAL; empty: it raises no alert
  bool alert_of_customers = false;  // it raises none for an account that is no customer
};

}  // namespace keyfold

#endif  // KEYFOLD_KPI_PRESENTATION_H_
