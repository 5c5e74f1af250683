namespace ActionStream.Core.Configuration;

/// <summary>What a setting was called before: whoever still writes that is told the new name rather than
/// that there is no such setting.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FormerNameAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}
