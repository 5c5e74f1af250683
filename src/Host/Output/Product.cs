using System.Reflection;

namespace ActionStream.Host.Output;

/// <summary>What this build is.</summary>
internal static class Product
{
    private static readonly Assembly Assembly = typeof(Product).Assembly;

    public static string Version { get; } =
        Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
