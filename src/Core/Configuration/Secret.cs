namespace ActionStream.Core.Configuration;

/// <summary>Text that must not be seen: it prints as stars, and only <see cref="Reveal"/> gives it away.</summary>
public readonly record struct Secret(string? Value)
{
    public bool IsEmpty => string.IsNullOrEmpty(Value);

    public string? Reveal() => Value;

    public override string ToString() => IsEmpty ? "" : "***";
}
