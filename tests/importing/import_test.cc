// What an import says of rows that became something else than was meant.
#include "importing/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>
#include <string_view>

#include "importing/import_world.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ImportTest : public ImportWorld {
 protected:
  ImportTest() : ImportWorld("import_test") {}

  std::string SummaryOf(const std::string& mapping, const std::string& rows) {
    Write("m.yaml", mapping);
    Write("rows.csv", rows);
    const std::unique_ptr<Import> import = Import::Create(source_).value();
    EXPECT_EQ(import->Read(), absl::OkStatus());
    EXPECT_EQ(
        import->ForEachUnit([](Mapping::Section, std::string_view, const MappedUnit&) { return absl::OkStatus(); }),
        absl::OkStatus());
    std::ostringstream summary;
    import->PrintSummary(summary);
    return summary.str();
  }
};

constexpr char kRows[] =
    "Row,Order,Account,Day,Amount\n1,O1,A,2024-01-01,10\n2,O1,A,2024-01-01,20\n3,O1,B,2024-01-02,5\n";

// Each is an invoice of its own, of which the last one counts.
TEST_F(ImportTest, RowsThatFoundOneEntityAreCounted) {
  const std::string lines = "      lines: {line_id: '1', sale_type: BASE, quantity: 1, net: {EUR: Amount}}\n";
  const std::string by_row =
      "name: m\naccount: Account\nkey: Row\nrows:\n  - invoice_issued:\n      at: Day\n      invoice_id: Order\n" +
      lines;
  EXPECT_THAT(SummaryOf(by_row, kRows),
              HasSubstr("1 times: invoice_issued for what another one has begun (O1 of A): the later one replaces it"));
  const std::string by_order =
      "name: m\naccount: Account\ngroup: [Order, Account]\nrows:\n  - invoice_issued:\n      at: Day\n"
      "      invoice_id: Order\n" +
      lines;
  EXPECT_THAT(SummaryOf(by_order, kRows), Not(HasSubstr("begun")));
}

TEST_F(ImportTest, LinesOfTotalsAreLeftOut) {
  const std::string summary = SummaryOf(
      "name: m\naccount: Account\nkey: Row\ncolumns: {Day: date}\nskip: {the end: 'Row = \"Total\"'}\n"
      "rows: [{order_cancelled: {at: Day, order_id: Order}}]\n",
      std::string(kRows) + "Total,,,3 rows,35\nTotal\nx\n");
  EXPECT_THAT(summary, HasSubstr("6 rows, 1 rejected"));
  EXPECT_THAT(summary, HasSubstr("left out 2: the end"));
}

}  // namespace
}  // namespace keyfold
