using System.Reflection;

namespace ActionStream.Host;

/// <summary>What this build is.</summary>
internal static class Product
{
    private static readonly Assembly Assembly = typeof(Product).Assembly;

    public static string Version { get; } =
        Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>nuget or system: which packages stand behind the seams. For people; no code decides by it.</summary>
    public static string Packages { get; } =
        Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(data => data.Key == "PackageSet").Value!;
}
