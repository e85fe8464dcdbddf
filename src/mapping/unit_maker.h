// The events of rows that belong together.
#ifndef KEYFOLD_MAPPING_UNIT_MAKER_H_
#define KEYFOLD_MAPPING_UNIT_MAKER_H_

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/mapping.h"

namespace keyfold {

// Makes the events of one unit of rows (Mapping::Apply()). A row that has a problem of its own is left out, and the
// others are looked at anew without it; what is wrong with all of them together leaves out all.
class UnitMaker {
 public:
  UnitMaker(const Mapping& mapping, Mapping::Section section, std::string_view key, std::span<const MappedRow> rows,
            MappingContext& context);

  MappedUnit Make();

 private:
  void TakeRepeatedOnce();
  void CountRepeated();
  void CountUnordered();
  bool FindAccount();
  bool MakeAll();
  bool MakeAt(const std::vector<Mapping::Rule>& rules);
  bool MakeOne(const EventTemplate& event);
  bool MakeId(const EventTemplate& event, const v1::AccountEvent& made, std::string& id);
  bool LineKey(std::string& key);
  void LeaveOut();
  void KeepOthers(const std::set<size_t>& repeated);
  void Reject(const MappedRow& row, const MappingProblem& problem);

  const Mapping& mapping_;
  const Mapping::Section section_;
  const std::string_view key_;
  MappingContext& context_;
  Evaluation evaluation_;
  std::vector<MappedRow> kept_;  // of the rows, where some were left out
  std::vector<MappingRejection> left_out_;

  // What was made of the rows that are looked at now.
  std::string account_;
  std::set<std::string> ids_;
  Amounts amounts_;
  MappingNotes notes_;
  MappedUnit unit_;
};

}  // namespace keyfold

#endif  // KEYFOLD_MAPPING_UNIT_MAKER_H_
