namespace ActionStream.Core.Configuration;

/// <summary>Text that must not be seen: it prints as stars, and only <see cref="Reveal"/> gives it away.</summary>
public readonly record struct Secret(string? Value)
{
    public bool IsEmpty => string.IsNullOrEmpty(Value);

    /// <summary>A secret that is hidden in every output from here on.</summary>
    public static Secret Parse(string text)
    {
        KnownSecrets.Learn(text);
        return new(text);
    }

    public string? Reveal() => Value;

    public override string ToString() => IsEmpty ? "" : "***";
}
