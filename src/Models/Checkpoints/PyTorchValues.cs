namespace ActionStream.Models.Checkpoints;

/// <summary>Python's None, so that no value is a null.</summary>
internal sealed class PyNone
{
    public static PyNone Instance { get; } = new();

    public override string ToString() => "None";
}

/// <summary>A dict or OrderedDict; the order of insertion stays.</summary>
internal sealed class PyDict
{
    private Dictionary<object, object>? _entries;

    public IReadOnlyCollection<KeyValuePair<object, object>> Entries => (IReadOnlyCollection<KeyValuePair<object, object>>?)_entries ?? [];

    public object? this[object key]
    {
        get => _entries?.GetValueOrDefault(key);
        set => (_entries ??= [])[key] = value!;
    }
}

/// <summary>A list.</summary>
internal sealed class PyList
{
    public List<object> Items { get; } = [];
}

/// <summary>A tuple, or a torch.Size.</summary>
internal sealed record PyTuple(object[] Items);

/// <summary>Stands where a file has an object that no array is made of: an argparse.Namespace, a NumPy number, a dtype. It has a
/// name and nothing else; whatever the file puts into it is dropped.</summary>
internal sealed class PyObject(PyGlobal of)
{
    public override string ToString() => of.ToString();
}

/// <summary>A name that a pickle mentions. The few that build tensors and containers have a meaning here; any other is a
/// name and no more: nothing of Python is there to look it up in.</summary>
internal sealed record PyGlobal(string Module, string Name)
{
    public static readonly PyGlobal Set = new("builtins", "set");
    public static readonly PyGlobal OrderedDict = new("collections", "OrderedDict");
    public static readonly PyGlobal Size = new("torch", "Size");
    public static readonly PyGlobal RebuildTensor = new("torch._utils", "_rebuild_tensor_v2");
    public static readonly PyGlobal RebuildParameter = new("torch._utils", "_rebuild_parameter");
    public static readonly PyGlobal RebuildParameterWithState = new("torch._utils", "_rebuild_parameter_with_state");
    public static readonly PyGlobal RebuildFromType = new("torch._tensor", "_rebuild_from_type_v2");

    // Modules that trainers save nothing of. A file that names them is made to attack whoever loads it with Python.
    private static readonly HashSet<string> Attacking = new(StringComparer.Ordinal)
    {
        "os", "posix", "nt", "subprocess", "sys", "shutil", "socket", "importlib", "runpy", "pty", "ctypes", "pdb", "timeit",
        "webbrowser", "posixpath", "ntpath", "glob", "tempfile", "io", "builtins", "__builtin__",
    };

    // What of the builtins is a plain value's type; getattr is how Python 3.11 saves a member of an enumeration.
    private static readonly HashSet<string> PlainTypes = new(StringComparer.Ordinal)
    {
        "set", "frozenset", "slice", "complex", "bytearray", "bytes", "object", "list", "dict", "tuple", "int", "float", "str", "bool",
        "range", "getattr", "long", "unicode", "xrange", "type",
    };

    private static readonly Dictionary<PyGlobal, string> StorageTypes = new()
    {
        [new("torch", "FloatStorage")] = "F32",
        [new("torch", "HalfStorage")] = "F16",
        [new("torch", "BFloat16Storage")] = "BF16",
        [new("torch", "DoubleStorage")] = "F64",
        [new("torch", "LongStorage")] = "I64",
        [new("torch", "IntStorage")] = "I32",
        [new("torch", "ShortStorage")] = "I16",
        [new("torch", "CharStorage")] = "I8",
        [new("torch", "ByteStorage")] = "U8",
        [new("torch", "BoolStorage")] = "BOOL",
    };

    // torch itself is full of functions, torch.load and torch.hub among them; what a file names of it is a class or one of these.
    private static readonly HashSet<string> PlainTorch = new(StringComparer.Ordinal)
    {
        "device", "dtype", "layout", "memory_format", "float", "float16", "float32", "float64", "half", "double", "bfloat16", "int",
        "long", "short", "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "complex32", "complex64",
        "complex128", "cfloat", "cdouble", "chalf", "qint8", "quint8", "qint32", "float8_e4m3fn", "float8_e5m2", "strided",
        "sparse_coo", "sparse_csr",
        "preserve_format", "contiguous_format", "channels_last", "channels_last_3d", "per_tensor_affine", "per_channel_affine",
    };

    /// <summary>True for what only an attack on Python's own reader mentions.</summary>
    public bool IsAttack =>
        Module == "torch.hub" || (Module == "torch" && Name.Length > 0 && !char.IsUpper(Name[0]) && !PlainTorch.Contains(Name))
        || Attacking.Contains(Module.Split('.')[0]) && !(Module is "builtins" or "__builtin__" && PlainTypes.Contains(Name));

    /// <summary>The number format of a storage; null for what is no storage.</summary>
    public string? StorageType => StorageTypes.GetValueOrDefault(this);

    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>A run of numbers in the file that tensors are views of.</summary>
/// <param name="Type">As safetensors writes it: F32, F16 …</param>
/// <param name="Start">Where this storage begins in the one that the file holds, in numbers; only old files have views of storages.</param>
internal sealed record PyStorage(string Type, string Key, long Count, long Start)
{
    public int Width => Numbers.BytesOf(Type)!.Value;
}

/// <summary>A view: which numbers of a storage, in which order.</summary>
internal sealed record PyTensor(PyStorage Storage, long Offset, int[] Shape, long[] Strides)
{
    private const int MaxRank = 32;
    private const int MaxRepeated = 1 << 20;

    public long Elements => Shape.Aggregate(1L, (product, side) => product * side);

    /// <summary>Numbers from the first that it reads to the last.</summary>
    public long Reach => Elements == 0 ? 0 : Shape.Zip(Strides, (side, stride) => (side - 1) * stride).Sum() + 1;

    /// <summary>True if its numbers stand in the file as it reads them.</summary>
    public bool IsContiguous
    {
        get
        {
            var expected = 1L;
            for (var axis = Shape.Length - 1; axis >= 0; axis--)
            {
                if (Shape[axis] != 1 && Strides[axis] != expected)
                {
                    return false;
                }

                expected *= Shape[axis];
            }

            return true;
        }
    }

    /// <summary>What is wrong with these measures, or the tensor. Nothing overflows: every step is checked against the storage.</summary>
    public static (PyTensor? Tensor, string? Problem) Of(PyStorage storage, long offset, object[] size, object[] stride)
    {
        if (size.Length != stride.Length || size.Length > MaxRank || !size.All(side => side is long) || !stride.All(step => step is long))
        {
            return (null, "a tensor without proper sides and strides");
        }

        var shape = new int[size.Length];
        var strides = new long[size.Length];
        Int128 elements = 1, last = offset;
        for (var axis = 0; axis < shape.Length; axis++)
        {
            long side = (long)size[axis], step = (long)stride[axis];
            if (side < 0 || side > int.MaxValue || step < 0)
            {
                return (null, $"a tensor with a side of {side} and a stride of {step}");
            }

            (shape[axis], strides[axis]) = ((int)side, step);
            elements *= side;
            last += (Int128)(side - 1) * step;
            if (elements > long.MaxValue || last > long.MaxValue)
            {
                return (null, "a tensor larger than any storage");
            }
        }

        // Strides of 0 repeat numbers: a small file could ask for much memory.
        return offset < 0 || (elements > 0 && (last >= storage.Count || elements > Math.Max(storage.Count, MaxRepeated)))
            ? (null, $"a view of [{string.Join(", ", shape)}] at {offset} that reaches outside its storage of {storage.Count} numbers")
            : (new(storage, offset, shape, strides), null);
    }
}
