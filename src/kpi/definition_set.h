// A set of a catalogue's definitions, by their positions in some order.
#ifndef KEYFOLD_KPI_DEFINITION_SET_H_
#define KEYFOLD_KPI_DEFINITION_SET_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace keyfold {

class DefinitionSet {
 public:
  // Empty; of positions below `size`.
  explicit DefinitionSet(size_t size) : words_((size + kBits - 1) / kBits) {}

  void Add(size_t position) { words_[position / kBits] |= uint64_t{1} << (position % kBits); }
  bool Contains(size_t position) const { return ((words_[position / kBits] >> (position % kBits)) & 1) != 0; }

  // REQUIRES: both are of the same size.
  DefinitionSet& operator|=(const DefinitionSet& other) {
    for (size_t word = 0; word < words_.size(); ++word) words_[word] |= other.words_[word];
    return *this;
  }

  // Visits the positions in their order.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (size_t word = 0; word < words_.size(); ++word) {
      for (uint64_t left = words_[word]; left != 0; left &= left - 1) {
        visit(kBits * word + static_cast<size_t>(std::countr_zero(left)));
      }
    }
  }

 private:
  static constexpr size_t kBits = 64;
  std::vector<uint64_t> words_;
};

}  // namespace keyfold

#endif  // KEYFOLD_KPI_DEFINITION_SET_H_
