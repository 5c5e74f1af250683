using System.Globalization;

namespace ActionStream.Models.Graphs;

/// <summary>One axis: a number, or a number times names that are known only when the model runs (8·N).</summary>
/// <remarks>Products are all that reshaping needs; sums of names would be ambiguous and are not expressible.</remarks>
public readonly record struct Dim
{
    private readonly string? _names;

    private Dim(long factor, string? names) => (Factor, _names) = (factor, string.IsNullOrEmpty(names) ? null : names);

    /// <summary>The number, or what the names are multiplied by.</summary>
    public long Factor { get; }

    public bool IsFixed => _names is null;

    /// <summary>The single name this axis carries in the file, if it is a name alone.</summary>
    public string Text => _names is null
        ? Factor.ToString(CultureInfo.InvariantCulture)
        : Factor == 1 ? _names : string.Create(CultureInfo.InvariantCulture, $"{Factor}*{_names}");

    /// <summary>The value if it is known.</summary>
    public long? Value => IsFixed ? Factor : null;

    public static Dim Named(string name) => new(1, name);

    public static implicit operator Dim(int value) => new(value, "");

    public static implicit operator Dim(long value) => new(value, "");

    public static implicit operator Dim(string name) => Named(name);

    public static Dim operator *(Dim left, Dim right) =>
        new(left.Factor * right.Factor, Join([.. left.Names, .. right.Names]));

    /// <summary>The number when every name stands for <paramref name="value"/>.</summary>
    public long At(long value) => Names.Aggregate(Factor, (product, _) => product * value);

    /// <summary>The exact quotient, or null where there is none.</summary>
    public Dim? Over(Dim divisor)
    {
        var names = Names.ToList();
        return divisor.Factor != 0 && Factor % divisor.Factor == 0 && divisor.Names.All(names.Remove)
            ? new Dim(Factor / divisor.Factor, Join(names))
            : default(Dim?); // a bare null would become a name
    }

    public override string ToString() => Text;

    private IEnumerable<string> Names => _names?.Split('*') ?? [];

    // Sorted, so that N*T and T*N are the same axis.
    private static string Join(IEnumerable<string> names) => string.Join('*', names.Order(StringComparer.Ordinal));
}
