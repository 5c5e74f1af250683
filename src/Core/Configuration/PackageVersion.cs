using System.Reflection;

namespace ActionStream.Core.Configuration;

/// <summary>The version a package was published as; many keep an older one in their assembly's name, so that others need not rebuild.</summary>
public static class PackageVersion
{
    public static string Of(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? type.Assembly.GetName().Version?.ToString(3) ?? "unknown";
}
