using System.Collections;
using System.Runtime.CompilerServices;

namespace ActionStream.Models.Graphs;

/// <summary>The axes of a tensor, outermost first.</summary>
[CollectionBuilder(typeof(Shape), nameof(Of))]
public sealed class Shape : IReadOnlyList<Dim>, IEquatable<Shape>
{
    private readonly Dim[] _dims;

    private Shape(Dim[] dims) => _dims = dims;

    public int Count => _dims.Length;

    public int Rank => _dims.Length;

    /// <summary>All axes multiplied.</summary>
    public Dim Elements => _dims.Aggregate((Dim)1, (product, dim) => product * dim);

    public Dim this[int axis] => _dims[axis];

    public static Shape Of(ReadOnlySpan<Dim> dims) => new(dims.ToArray());

    /// <summary>Axis counted from the front, from an axis that may count from the back.</summary>
    public int Axis(int axis) =>
        axis >= -Rank && axis < Rank
            ? (axis + Rank) % Rank
            : throw new ShapeException($"axis {axis} of {this}: it has {Rank} axes");

    /// <summary>The same shape with one axis changed.</summary>
    public Shape With(int axis, Dim dim)
    {
        var dims = _dims.ToArray();
        dims[Axis(axis)] = dim;
        return new(dims);
    }

    public Shape Without(int axis)
    {
        var gone = Axis(axis);
        return new([.. _dims.Where((_, i) => i != gone)]);
    }

    /// <summary>The shape of an element-wise operation, by numpy's rule: axes match from the back, and a
    /// 1 takes the size of the other.</summary>
    public static Shape Broadcast(Shape left, Shape right, string operation)
    {
        var rank = Math.Max(left.Rank, right.Rank);
        var dims = new Dim[rank];
        for (var i = 1; i <= rank; i++)
        {
            Dim a = i <= left.Rank ? left[^i] : 1, b = i <= right.Rank ? right[^i] : 1;
            dims[rank - i] = a == b || b == 1 ? a
                : a == 1 ? b
                : throw new ShapeException(
                    $"{operation}: {left} does not go with {right}: axis {-i} is {a} on one side and {b} on the other");
        }

        return new(dims);
    }

    public bool Equals(Shape? other) => other is not null && _dims.AsSpan().SequenceEqual(other._dims);

    public override bool Equals(object? obj) => Equals(obj as Shape);

    public override int GetHashCode() => _dims.Aggregate(17, HashCode.Combine);

    public IEnumerator<Dim> GetEnumerator() => _dims.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => $"[{string.Join(", ", _dims)}]";
}

/// <summary>Two shapes that do not fit, in words that name both.</summary>
internal sealed class ShapeException(string message) : Exception(message);
