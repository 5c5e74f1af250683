namespace ActionStream.Models.Checkpoints;

/// <summary>The weights among what a trainer saved beside them: epochs, options, optimizer, a second set of weights.</summary>
/// <param name="Name">As the file calls it; empty if weights are all it holds.</param>
/// <param name="Averaged">Other parts, with averaged weights.</param>
internal sealed record PyTorchPart(string Name, PyDict State, IReadOnlyList<string> Averaged)
{
    // What training code calls the network's part, in the order of trying.
    private static readonly string[] Usual =
    [
        "model_state", "model", "state_dict", "model_state_dict", "net", "network", "module", "weights", "params", "backbone",
        "model_ema", "ema", "state_dict_ema", "ema_state_dict", "model_ema_state_dict", "params_ema", "ema_model",
    ];

    private const int LongestName = 256;

    /// <exception cref="CheckpointException">There are no weights, or none of that name, or several and no word which.</exception>
    public static PyTorchPart Find(object root, string? wanted, string path)
    {
        var saved = root switch
        {
            PyDict dict => dict,
            PyObject or PyGlobal => throw new CheckpointException(
                path, $"it holds an object ({root}) and no dictionary of arrays; nothing of it was run. "
                    + "Save the arrays alone: torch.save(model.state_dict(), FILE)"),
            _ => throw new CheckpointException(path, "it holds no dictionary of arrays"),
        };
        HashSet<PyDict> seen = []; // a dictionary can hold itself
        List<(string Name, PyDict State)> parts =
        [
            .. saved.Entries.Where(entry => entry.Key is string)
                .Select(entry => Inner((string)entry.Key, entry.Value as PyDict, seen)).OfType<(string, PyDict)>(),
        ];
        if (wanted is not null)
        {
            return Named(saved, parts, wanted, path);
        }

        if (Usual.Select(name => saved[name] is PyDict ? name : null).OfType<string>()
            .Select(name => parts.Find(part => part.Name.Split('.')[0] == name)).FirstOrDefault(part => part.State is not null)
            is { State: not null } usual)
        {
            return Of(usual, parts);
        }

        return HasArrays(saved) ? Of(("", saved), parts)
            : parts.Count == 1 ? Of(parts[0], parts)
            : parts.Count > 1
                ? throw new CheckpointException(path, $"it holds several sets of arrays: {Listed(parts)}; say which with --part")
            : saved.Entries.FirstOrDefault() is { Key: not null } first
                ? throw new CheckpointException(
                    path, $"{first.Key} in it is no array{(first.Value is PyObject or PyGlobal ? $" but an object ({first.Value})" : "")}, "
                        + $"and none of {string.Join(", ", Usual[..8])} … is there with arrays in it; nothing of it was run")
            : throw new CheckpointException(path, "it holds no arrays");
    }

    private static PyTorchPart Named(PyDict saved, List<(string Name, PyDict State)> parts, string wanted, string path)
    {
        if (parts.Find(part => part.Name == wanted || part.Name.StartsWith(wanted + ".", StringComparison.Ordinal)) is { State: not null }
            asked)
        {
            return new(asked.Name, asked.State, []);
        }

        // Not a part of its own: names in the usual part that begin so.
        var prefix = wanted.TrimEnd('.') + ".";
        foreach (var (_, state) in parts.Prepend(("", saved)))
        {
            var below = new PyDict();
            foreach (var (key, value) in state.Entries)
            {
                if (key is string name && name.StartsWith(prefix, StringComparison.Ordinal))
                {
                    below[name[prefix.Length..]] = value;
                }
            }

            if (HasArrays(below))
            {
                return new(wanted, below, []);
            }
        }

        throw new CheckpointException(
            path, $"it has no part {wanted} with arrays; it has {(parts.Count > 0 ? Listed(parts) : "one set of arrays, without a name")}");
    }

    // The arrays lie in it, or in what it wraps under one of the usual names.
    private static (string Name, PyDict State)? Inner(string name, PyDict? dict, HashSet<PyDict> seen)
    {
        if (dict is null || name.Length > LongestName || !seen.Add(dict))
        {
            return null;
        }

        return HasArrays(dict)
            ? (name, dict)
            : Usual.Select(inner => Inner($"{name}.{inner}", dict[inner] as PyDict, seen)).FirstOrDefault(found => found is not null);
    }

    private static PyTorchPart Of((string Name, PyDict State) chosen, List<(string Name, PyDict State)> parts) => new(
        chosen.Name, chosen.State,
        AveragedWeights.IsNamed(chosen.Name)
            ? []
            : [.. parts.Where(part => part.State != chosen.State && AveragedWeights.IsNamed(part.Name)).Select(part => part.Name)]);

    private static bool HasArrays(PyDict dict) => dict.Entries.Any(entry => entry.Key is string && entry.Value is PyTensor);

    private static string Listed(List<(string Name, PyDict State)> parts) => string.Join(
        ", ", parts.Select(part => $"{part.Name} ({part.State.Entries.Count(entry => entry.Value is PyTensor)} arrays)"));
}
