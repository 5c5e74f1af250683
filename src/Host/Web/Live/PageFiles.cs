using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace ActionStream.Host.Web.Live;

/// <summary>The live page's own files, carried in the program: nothing is asked of anyone else.</summary>
internal static class PageFiles
{
    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    };

    private static readonly Dictionary<string, (byte[] Bytes, string Tag)> Files = Load();

    public static IEnumerable<string> Names => Files.Keys;

    public static async Task WriteAsync(string name, HttpContext http)
    {
        var (bytes, tag) = Files[name];
        http.Response.Headers.ETag = tag;
        http.Response.Headers.CacheControl = "no-cache"; // ask; an update of the program shows at once
        if (http.Request.Headers.IfNoneMatch == tag)
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        http.Response.ContentType = Types[Path.GetExtension(name)];
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    private static Dictionary<string, (byte[] Bytes, string Tag)> Load()
    {
        const string Prefix = "live/";
        var assembly = Assembly.GetExecutingAssembly();
        var files = new Dictionary<string, (byte[], string)>(StringComparer.Ordinal);
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            files[name[Prefix.Length..]] = (bytes, $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}\"");
        }

        return files;
    }
}
