#include "base/error.h"
#include "runtime/inputs.h"

namespace weft::runtime {

std::vector<NetworkInput> batches_of(const std::vector<NetworkInput>& images, int batch) {
  if (batch < 1 || images.size() % static_cast<size_t>(batch) != 0) {
    fail(ErrorKind::kInvalidArgument,
         "{} images are no whole number of batches of {}; choose another --images", images.size(),
         batch);
  }
  std::vector<NetworkInput> batches;
  for (size_t i = 0; i < images.size(); ++i) {
    if (i % static_cast<size_t>(batch) == 0) {
      batches.push_back(images[i]);
      continue;
    }
    for (size_t t = 0; t < images[i].size(); ++t) {
      std::vector<int8_t>& joined = batches.back()[t];
      joined.insert(joined.end(), images[i][t].begin(), images[i][t].end());
    }
  }
  return batches;
}

std::map<int, NetworkOutput> images_of(const std::map<int, NetworkOutput>& outputs, int batch) {
  std::map<int, NetworkOutput> images;
  for (const auto& [index, tensors] : outputs) {
    for (int i = 0; i < batch; ++i) {
      NetworkOutput& image = images[index * batch + i];
      for (const std::vector<int8_t>& tensor : tensors) {
        const auto size = static_cast<std::ptrdiff_t>(tensor.size()) / batch;
        image.emplace_back(tensor.begin() + i * size, tensor.begin() + (i + 1) * size);
      }
    }
  }
  return images;
}

}  // namespace weft::runtime
