// A formula's text, taken apart into operands and what stands between.
#include "formula/formula_parts.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "kpi/catalog_names.h"
#include "support/default_catalog.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> OperandsOf(std::string_view text) {
  std::vector<std::string> operands;
  for (const FormulaPart& part : PartsOf(text)) {
    if (part.is_operand) operands.emplace_back(part.text);
  }
  return operands;
}

TEST(FormulaPartsTest, FindsWhatAFormulaReads) {
  EXPECT_THAT(OperandsOf("if(sum(revenue, p12m) > 0, margin / sum (revenue,t12m) - 1.5e3, undefined)"),
              ElementsAre("sum(revenue, p12m)", "margin", "sum (revenue,t12m)"));
  EXPECT_THAT(OperandsOf("100*clamp(D-end_of_day, 0, clv.retention)"), ElementsAre("D", "end_of_day", "clv.retention"));
  EXPECT_THAT(OperandsOf("quantile(resolution_hist, t90d, 0.5) / 3600"),
              ElementsAre("quantile(resolution_hist, t90d, 0.5)"));
  EXPECT_THAT(OperandsOf("not complete(forecast, total) and forecast_sum(error) > 0 or at_risk"),
              ElementsAre("complete(forecast, total)", "forecast_sum(error)", "at_risk"));
  EXPECT_THAT(OperandsOf(" 2 + .5 "), ElementsAre());
}

TEST(FormulaPartsTest, TogetherTheyAreTheTextAndEachOperandIsAFormula) {
  const Catalog catalog = DefaultCatalog({});
  CatalogNames names(catalog);
  for (size_t index = 0; index < catalog.definitions().size(); ++index) {
    const DefinitionText& text = catalog.TextOf(static_cast<uint16_t>(index));
    for (const std::string& formula : {text.formula, text.group_formula}) {
      std::string together;
      for (const FormulaPart& part : PartsOf(formula)) {
        together += part.text;
        EXPECT_TRUE(!part.is_operand || Formula::Compile(part.text, names).ok()) << part.text;
      }
      EXPECT_EQ(together, formula);
    }
  }
}

}  // namespace
}  // namespace keyfold
