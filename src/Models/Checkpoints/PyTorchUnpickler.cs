using System.Numerics;
using System.Runtime.InteropServices;

namespace ActionStream.Models.Checkpoints;

/// <summary>
/// Reads a pickle that can only ever become tensors, plain containers and placeholders. Python's own reader calls any function
/// the file names; this one knows a few constructors and storages by exact name, and any other name stays a name.
/// </summary>
/// <remarks>A machine with a stack and a memo, and no recursion: a file can neither deepen nor repeat it.</remarks>
internal sealed class PyTorchUnpickler(Stream stream, string path)
{
    // A training checkpoint of a large model has a hundred thousand; every step makes at most one value.
    private const int MaxSteps = 2_000_000;

    private static readonly object Mark = new();

    private readonly PickleReader _in = new(stream, path);
    private readonly List<object> _stack = [];
    private readonly Dictionary<int, object> _memo = [];

    /// <summary>Every tensor that was built, wherever it stands.</summary>
    public List<PyTensor> Tensors { get; } = [];

    /// <summary>Every storage that was named, also by what is no tensor here.</summary>
    public HashSet<PyStorage> Storages { get; } = [];

    /// <summary>The value of the next pickle in the stream.</summary>
    public object Read()
    {
        _stack.Clear();
        _memo.Clear();
        for (var step = 0; step < MaxSteps; step++)
        {
            var code = _in.Byte();
            if (code == '.')
            {
                var value = Pop();
                return _stack.Count == 0 ? value : throw Refuse("its pickle ends with values left over");
            }

            Step(code);
        }

        throw Refuse($"its pickle takes more than {MaxSteps} steps");
    }

    private void Step(byte code)
    {
        switch (code)
        {
            case 0x80 when _in.Byte() is var version: // PROTO
                Expect(version is >= 2 and <= 5, $"its pickle is of protocol {version}; 2 to 5 are known");
                break;
            case 0x95: // FRAME
                _in.Int64();
                break;
            case (byte)'N': Push(PyNone.Instance); break;
            case 0x88: Push(true); break;
            case 0x89: Push(false); break;
            case (byte)'J': Push((long)_in.Int32()); break;
            case (byte)'K': Push((long)_in.Byte()); break;
            case (byte)'M': Push((long)_in.UInt16()); break;
            case 0x8A: PushInteger(_in.Byte()); break;
            case 0x8B: PushInteger(_in.Int32()); break;
            case (byte)'G': Push(_in.Double()); break;
            case (byte)'X': Push(_in.Text((uint)_in.Int32())); break;
            case 0x8C: Push(_in.Text(_in.Byte())); break;
            case 0x8D: Push(_in.Text(_in.Int64())); break;
            case 0x8E or 0x96: Push(_in.Bytes(_in.Int64())); break;
            case (byte)'T': Push(_in.Text(_in.Int32())); break; // Python 2 wrote its texts so
            case (byte)'U': Push(_in.Text(_in.Byte())); break;
            case (byte)'B': Push(_in.Bytes((uint)_in.Int32())); break;
            case (byte)'C': Push(_in.Bytes(_in.Byte())); break;
            case (byte)']': Push(new PyList()); break;
            case (byte)'}': Push(new PyDict()); break;
            case (byte)')': Push(new PyTuple([])); break;
            case (byte)'(': Push(Mark); break;
            case (byte)'0': Pop(); break;
            case (byte)'1': PopToMark(); break;
            case 0x85: Push(new PyTuple(PopMany(1))); break;
            case 0x86: Push(new PyTuple(PopMany(2))); break;
            case 0x87: Push(new PyTuple(PopMany(3))); break;
            case (byte)'t': Push(new PyTuple(PopToMark())); break;
            case (byte)'a': Append(PopMany(1)); break;
            case (byte)'e': Append(PopToMark()); break;
            case (byte)'s': SetItems(PopMany(2)); break;
            case (byte)'u': SetItems(PopToMark()); break;
            case (byte)'q': _memo[_in.Byte()] = Peek(); break;
            case (byte)'r': _memo[_in.Int32()] = Peek(); break;
            case 0x94: _memo[_memo.Count] = Peek(); break;
            case (byte)'h': Push(Recall(_in.Byte())); break;
            case (byte)'j': Push(Recall(_in.Int32())); break;
            case (byte)'c': Push(Global(_in.Line(), _in.Line())); break;
            case 0x93 when PopMany(2) is [string module, string name]: Push(Global(module, name)); break;
            case (byte)'R' or 0x81: Push(Call(PopMany(2))); break;
            case 0x92: Push(Call(PopMany(3))); break; // with arguments by name
            case (byte)'i': // its arguments stand before it
                PopToMark();
                Push(new PyObject(Global(_in.Line(), _in.Line())));
                break;
            case (byte)'o': Push(Call(PopToMark())); break;
            case 0x8F: Push(new PyObject(PyGlobal.Set)); break;
            case 0x90: Append(PopToMark()); break;
            case 0x91: // FROZENSET
                PopToMark();
                Push(new PyObject(PyGlobal.Set));
                break;
            case (byte)'b': Build(PopMany(1)[0]); break;
            case (byte)'Q': Push(Storage(Pop())); break;
            default:
                throw Refuse($"its pickle asks for more than tensors and plain containers (operation 0x{code:x2}); nothing of it was run");
        }
    }

    private object Call(object[] of) => of switch
    {
        [PyGlobal function, PyTuple { Items: var items }] when function == PyGlobal.OrderedDict => OrderedDict(items),
        [PyGlobal function, PyTuple { Items: [PyTuple size] }] when function == PyGlobal.Size => size,
        [PyGlobal function, PyTuple { Items: [PyTensor tensor, ..] }]
            when function == PyGlobal.RebuildParameter || function == PyGlobal.RebuildParameterWithState => tensor,
        [PyGlobal function, PyTuple { Items: [PyStorage storage, long offset, PyTuple size, PyTuple stride, ..] }]
            when function == PyGlobal.RebuildTensor => Tensor(storage, offset, size, stride),

        // A tensor with attributes of its own: how the tensor is made, its class, what it is made of.
        [PyGlobal function, PyTuple { Items: [PyGlobal how, _, PyTuple { Items: [PyStorage or PyTensor, ..] } made, ..] }]
            when function == PyGlobal.RebuildFromType && how != PyGlobal.RebuildFromType => Call([how, made]),
        [PyGlobal other, ..] => new PyObject(other),
        [PyObject other, ..] => other,
        _ => throw Refuse("its pickle calls what is no function; nothing of it was run"),
    };

    private PyTensor Tensor(PyStorage storage, long offset, PyTuple size, PyTuple stride)
    {
        var (tensor, problem) = PyTensor.Of(storage, offset, size.Items, stride.Items);
        Expect(Tensors.Count < Checkpoint.MaxArrays, $"it holds more than {Checkpoint.MaxArrays} arrays");
        Tensors.Add(tensor ?? throw Refuse($"it holds {problem}"));
        return tensor;
    }

    // Python 3 fills an OrderedDict afterwards; Python 2 handed it a list of pairs.
    private PyDict OrderedDict(object[] items)
    {
        var dict = new PyDict();
        Expect(items is [] or [PyList], "its pickle fills an OrderedDict with something unexpected");
        foreach (var pair in items.OfType<PyList>().SelectMany(list => list.Items))
        {
            var both = pair switch
            {
                PyTuple tuple => tuple.Items,
                PyList list => [.. list.Items],
                _ => [],
            };
            Expect(both.Length == 2, "its pickle fills an OrderedDict with what are no pairs");
            Set(dict, both[0], both[1]);
        }

        return dict;
    }

    // The only state that plain containers carry is a state dict's table of module versions, and it changes no number.
    private void Build(object state) => Expect(
        (Peek() is PyDict && state is PyDict) || Peek() is PyObject or PyTensor,
        $"its pickle sets the state of {Describe(Peek())}; nothing of it was run");

    private object Storage(object id)
    {
        if (id is PyTuple { Items: [string, PyGlobal { StorageType: null } other, ..] })
        {
            return new PyObject(other); // numbers of a kind that no weight comes in, or a class
        }

        if (id is not PyTuple { Items: ["storage", PyGlobal { StorageType: { } type }, string key, string, long count, .. var rest] }
            || count < 0)
        {
            throw Refuse("it names a storage in a way that is not PyTorch's");
        }

        PyStorage storage = rest switch
        {
            [] or [PyNone] => new(type, key, count, 0),
            [PyTuple { Items: [string, long start, long length] }]
                when start >= 0 && length >= 0 && start <= count && length <= count - start =>
                new(type, key, length, start),
            _ => throw Refuse($"storage {key} is a view of something unexpected"),
        };
        Storages.Add(storage);
        return storage;
    }

    private PyGlobal Global(string module, string name)
    {
        var global = new PyGlobal(module, name);
        return global.IsAttack
            ? throw Refuse(
                $"it mentions {global}, which no training saves and which runs code where Python loads it; "
                + "the file was refused and nothing of it was run")
            : global;
    }

    // As long where it fits; the magic number of old files does not.
    private void PushInteger(int length)
    {
        Expect(length is >= 0 and <= 64, $"its pickle has an integer of {length} bytes");
        var value = new BigInteger(_in.Bytes(length));
        Push(value >= long.MinValue && value <= long.MaxValue ? (long)value : (object)value);
    }

    private void Append(object[] items)
    {
        if (Peek() is PyList list)
        {
            list.Items.AddRange(items);
        }
        else
        {
            Expect(Peek() is PyObject, $"its pickle appends to {Describe(Peek())}");
        }
    }

    private void SetItems(object[] items)
    {
        var into = Peek();
        Expect(into is PyDict or PyObject && items.Length % 2 == 0, $"its pickle sets an item of {Describe(into)}");
        for (var i = 0; i < items.Length && into is PyDict dict; i += 2)
        {
            Set(dict, items[i], items[i + 1]);
        }
    }

    private void Set(PyDict dict, object key, object value)
    {
        Expect(key is not (PyDict or PyList), $"its pickle uses {Describe(key)} as a key");
        dict[key] = value;
    }

    private object Recall(int index) =>
        _memo.GetValueOrDefault(index) ?? throw Refuse($"its pickle recalls value {index}, which it never stored");

    private void Push(object value) => _stack.Add(value);

    private object Peek() => _stack is [.., var top] && top != Mark ? top : throw Refuse("its pickle takes a value where none is");

    private object Pop()
    {
        var top = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private object[] PopMany(int count)
    {
        var values = new object[count];
        for (var i = count - 1; i >= 0; i--)
        {
            values[i] = Pop();
        }

        return values;
    }

    private object[] PopToMark()
    {
        var mark = _stack.LastIndexOf(Mark);
        Expect(mark >= 0, "its pickle takes values where none are");
        var values = CollectionsMarshal.AsSpan(_stack)[(mark + 1)..].ToArray();
        _stack.RemoveRange(mark, _stack.Count - mark);
        return values;
    }

    private static string Describe(object value) => value switch
    {
        PyGlobal or PyObject => value.ToString()!,
        PyTensor => "a tensor",
        PyDict => "a dict",
        PyList => "a list",
        PyTuple => "a tuple",
        PyStorage => "a storage",
        _ => "a plain value",
    };

    private void Expect(bool isFine, string problem)
    {
        if (!isFine)
        {
            throw Refuse(problem);
        }
    }

    private CheckpointException Refuse(string problem) => new(path, problem);
}
