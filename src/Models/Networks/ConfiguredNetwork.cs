using System.Text.Json;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;

namespace ActionStream.Models.Networks;

/// <summary>
/// Builds what a configuration file describes, from any weights: the output tensor for given inputs. Marks its intermediate
/// results.
/// </summary>
internal delegate Tensor ConfiguredNetwork(Weights weights, JsonElement config, IReadOnlyList<Tensor> inputs);
